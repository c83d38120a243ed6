//! stub
pub mod encode_stub {}
pub mod charts;
pub mod encode;
pub mod pages;
pub mod form {
    pub fn form(_: &crate::programme::Contract, _: &crate::programme::Programme) -> Vec<u8> {
        vec![]
    }
}
pub mod receipt {
    pub fn workbook(
        _: &crate::intake::receipt::Receipt,
        _: Option<&crate::programme::Contract>,
        _: &crate::programme::Programme,
    ) -> Vec<u8> {
        vec![]
    }
}
pub const STYLESHEET: &str = "";
