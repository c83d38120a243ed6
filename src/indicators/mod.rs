//! The query files: parse, check, compose, run, roll up by measure kind.

pub mod table;
