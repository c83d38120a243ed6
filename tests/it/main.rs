//! All integration tests in one binary: every further one would link some hundred megabytes again.

mod api;
mod charts;
mod cli;
mod england;
mod explain;
mod inbox;
mod inbox_edges;
mod indicators;
mod kinds;
mod lake;
mod laws;
mod messy;
mod naive;
mod presentation;
mod privacy;
mod reading;
mod reporting;
mod rules;
mod server;
mod serving;
mod sockets;
mod support;
mod synthetic;
mod tidy;
mod vintages;
mod warm;
