//! Submission files to typed rows: discover, decode, read, map headers, validate, dispose.

pub mod receipt;
