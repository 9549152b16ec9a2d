//! One record as received, and what the index holds of it.
