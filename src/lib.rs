//! Dabiao 达标: the real-name records of a public programme, turned into figures that leaders act on, auditors retrace and the public trusts.

pub mod programme;

pub mod intake;

pub mod lake;

pub mod counting;

pub mod engine;

pub mod indicators;

pub mod analysis;

pub mod app;
