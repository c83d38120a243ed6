//! All integration tests in one binary: every further one would link some hundred megabytes again.

mod lake;
mod presentation;
mod reading;
mod synthetic;
