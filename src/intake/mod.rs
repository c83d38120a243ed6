//! Submission files to typed rows.

pub mod reading;
