//! Tests of the program as people and scripts use it.

mod cli;
mod web;
