//! What people see: figures as text, charts, pages, workbooks and files. Knows nothing of engines, storage or HTTP.

pub mod numbers;
pub mod texts;
pub mod verdict;

pub mod figure;
pub mod labels;
pub mod ranking;

pub mod charts;
pub mod dashboard;
pub mod encode;
pub mod form;
pub mod receipt;
mod workbook;

/// The one stylesheet of all pages.
pub const STYLESHEET: &str = include_str!("assets/dabiao.css");

/// The one script of all pages: every page works without it.
pub const SCRIPT: &str = include_str!("assets/dabiao.js");
