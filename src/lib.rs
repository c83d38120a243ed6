//! Dabiao 达标: the real-name records of a public programme, turned into figures that leaders act on, auditors retrace and the public trusts.
//!
//! ```text
//! programme ─▶ intake ─▶ lake ─▶ counting ─▶ engine ─▶ indicators ─▶ analysis ─▶ presentation ─▶ server, cli
//!                    └── load: one run from the inbox to a snapshot ──┘                    └ app: one method per question
//! ```
//!
//! Data walk one way, left to right; nothing on the left knows what is on its right (a test keeps it so).

pub mod programme;

pub mod intake;

pub mod lake;

pub mod counting;

pub mod engine;

pub mod indicators;

pub mod analysis;

pub mod presentation;

pub mod project;

pub mod load;

pub mod ledger;

pub mod app;

pub mod synthetic;

pub mod demo;

pub mod server;

pub mod cli;
