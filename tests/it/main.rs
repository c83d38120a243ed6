//! All integration tests in one binary: every further one would link some hundred megabytes again.

mod inbox;
mod messy;
mod naive;
mod reading;
mod support;
mod synthetic;
