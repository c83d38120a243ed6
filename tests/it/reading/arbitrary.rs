//! Nothing panics, and what is well-formed comes back as it was.

use proptest::prelude::*;

use super::{HEADER, read_bytes};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for extension in ["csv", "jsonl", "json"] {
            if !bytes.starts_with(b"PK") {
                let _ = read_bytes(extension, &bytes);
            }
        }
    }

    #[test]
    fn text_below_a_header_never_panics_and_loses_no_row(
        body in "([a-c\"',;\r\n\t{}\\[\\]: 合计é张]|\u{200B}){0,200}"
    ) {
        let _ = read_bytes("csv", format!("{HEADER}{body}").as_bytes());
        let _ = read_bytes("jsonl", format!("{{\"姓名\":\"x\"}}\n{body}").as_bytes());
    }

    #[test]
    fn what_the_csv_crate_writes_is_read_back(
        table in proptest::collection::vec(proptest::collection::vec("[a-z张,\"\n\r ]{0,6}", 6), 1..20)
    ) {
        let mut writer = csv::Writer::from_writer(HEADER.as_bytes().to_vec());
        let mut expected = Vec::new();
        for (index, cells) in table.iter().enumerate() {
            let mut cells = cells.clone();
            cells[0] = format!("r{index}");
            writer.write_record(&cells).expect("memory takes it");
            expected.push(cells);
        }
        let bytes = writer.into_inner().expect("memory takes it");
        let (_, read) = read_bytes("csv", &bytes).expect("well-formed");
        let read: Vec<_> = read.iter().map(|row| row.texts().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
        prop_assert_eq!(read, expected);
    }
}
