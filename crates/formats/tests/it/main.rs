//! The reading of foreign documents, tried from outside.

mod cyclonedx;
mod device_list;
