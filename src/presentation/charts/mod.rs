pub enum Width {
    Wide,
    Phone,
}
pub fn districts(
    _: &crate::indicators::table::Table,
    _: &crate::programme::Programme,
    _: crate::programme::Language,
    _: Width,
) -> String {
    String::new()
}
