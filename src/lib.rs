//! Dabiao 达标

pub mod synthetic;
