//! Columns as Parquet pages: encoded here, or taken over from another file as they stand there.

use std::fs::File;
use std::io::Cursor;
use std::os::unix::fs::FileExt;
use std::path::Path;

use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{PolarsResult, polars_err};
use polars_arrow::array::Array;
use polars_arrow::datatypes::PhysicalType;
use polars_buffer::Buffer;
use polars_parquet::read::{FileMetadata, PageReader, ParquetError, read_metadata};
use polars_parquet::write::{
    CompressedPage, CompressionOptions, Encoding, ParquetType, StatisticsOptions, Version,
    WriteOptions, array_to_columns, compress,
};

use super::Error;

/// Pages of one column in one row group.
pub(crate) type Pages = Vec<CompressedPage>;

/// Level of compression: the lowest, since most of what takes room are random ids and digests.
pub(crate) fn compression() -> PolarsResult<CompressionOptions> {
    Ok(CompressionOptions::Zstd(Some(ZstdLevel::try_new(1)?)))
}

/// Encodes a column of one row group.
pub(crate) fn encode(array: Box<dyn Array>, type_: &ParquetType) -> PolarsResult<Pages> {
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: compression()?,
        data_page_size: None,
    };
    let encoding = match array.dtype().to_physical_type() {
        PhysicalType::Boolean => Encoding::Plain,
        _ => Encoding::RleDictionary,
    };
    let mut pages = Vec::new();
    for column in array_to_columns(array, type_.clone(), options, &[encoding])? {
        for page in column {
            pages.push(compress(page?, Vec::new(), options.compression)?);
        }
    }
    Ok(pages)
}

/// A Parquet file whose pages are taken over.
pub(crate) struct Source {
    file: File,
    footer: FileMetadata,
}

impl Source {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        let footer =
            read_metadata(&mut file).map_err(Error::frame("read", &path.to_string_lossy()))?;
        Ok(Self { file, footer })
    }

    /// Rows of every row group.
    pub(crate) fn groups(&self) -> Vec<usize> {
        let groups = self.footer.row_groups.iter();
        groups.map(|group| group.num_rows()).collect()
    }

    /// Rows of a row group.
    pub(crate) fn rows(&self, group: usize) -> u64 {
        self.footer
            .row_groups
            .get(group)
            .map_or(0, |group| group.num_rows() as u64)
    }

    /// The pages of a column in a row group.
    pub(crate) fn pages(&self, group: usize, column: &str) -> PolarsResult<Pages> {
        let missing = || polars_err!(ColumnNotFound: "{column} in row group {group}");
        let chunk = self
            .footer
            .row_groups
            .get(group)
            .and_then(|group| group.columns_under_root_iter(column)?.next())
            .ok_or_else(missing)?;
        let range = chunk.byte_range();
        let length = usize::try_from(range.end - range.start).map_err(|_| missing())?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, range.start)?;
        let mut reader =
            PageReader::new(Cursor::new(Buffer::from(bytes)), chunk, Vec::new(), length);
        let dictionary = reader
            .read_dict()?
            .map(|page| Ok(CompressedPage::Dict(page)));
        let mut pages: Pages = dictionary
            .into_iter()
            .chain(reader)
            .collect::<Result<_, ParquetError>>()?;
        for page in &mut pages {
            if let CompressedPage::Data(page) = page {
                // No column is nested, so a value is a row.
                page.num_rows = Some(page.num_values());
            }
        }
        Ok(pages)
    }
}
