//! What people see: figures as text, charts, pages, workbooks and files. Knows nothing of engines, storage or HTTP.

pub mod numbers;
pub mod texts;
pub mod verdict;

pub mod figure;
pub mod labels;
pub mod ranking;

pub mod charts;
pub mod encode;
pub mod form;
pub mod pages;
pub mod receipt;
mod workbook;

/// The one stylesheet of all pages.
pub const STYLESHEET: &str = include_str!("assets/dabiao.css");
