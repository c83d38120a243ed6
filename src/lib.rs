//! Dabiao 达标: the real-name records of a public programme, turned into figures that leaders act on, auditors retrace and the public trusts.

pub mod programme;

pub mod intake;

pub mod counting;

pub mod indicators;

pub mod app;
