//! All integration tests in one binary: every further one would link some hundred megabytes again.

mod lake;
mod naive;
mod reading;
mod server;
mod support;
mod synthetic;
mod tidy;
