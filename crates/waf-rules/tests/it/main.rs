//! Tests of the rule sets: trust, archives, the rule language, the stages, the disk, our own rules.

mod disk;
mod engine;
mod judge;
mod kit;
mod language;
mod life;
mod own;
mod own_tests;
mod trust;
