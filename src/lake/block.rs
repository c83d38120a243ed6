//! Rows on their way into a table, column by column, in the form they come in: words of a list as numbers, texts one behind
//! the other. In a frame every text would stand for itself, and the Parquet writer would look for the repetitions again.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::{DataType, PlSmallStr, Schema};
use polars_arrow::array::{
    Array, BinaryViewArray, DictionaryArray, MutableBinaryViewArray, PrimitiveArray, Utf8ViewArray,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::datatypes::{ArrowDataType, IntegerType};
use polars_arrow::types::NativeType;

use super::Error;

/// Values one behind the other, with where each ends.
#[derive(Debug, Clone, Default)]
pub struct Strip<T> {
    /// The values.
    pub joined: T,
    /// End of each.
    pub ends: Vec<u32>,
}

/// The values of one column.
#[derive(Debug, Clone)]
pub enum Cells {
    /// Texts; an empty one is null.
    Texts(Strip<String>),
    /// Bytes, none of them null.
    Bytes(Strip<Vec<u8>>),
    /// Positions in `words`, then in `more`; `u32::MAX` is null.
    Words {
        /// The positions.
        ids: Vec<u32>,
        /// Words.
        words: Arc<Vec<String>>,
        /// Further words.
        more: Arc<Vec<String>>,
    },
    /// The same text in every row.
    One(String),
    /// Whole numbers; the least is null.
    Whole(Vec<i64>),
    /// Days since 1970-01-01; the least is null.
    Days(Vec<i32>),
    /// Numbers scaled by 10^scale; the least is null.
    Decimal {
        /// The scaled numbers.
        values: Vec<i64>,
        /// Digits in all.
        precision: usize,
        /// Digits after the point.
        scale: usize,
    },
}

impl Cells {
    fn data_type(&self) -> DataType {
        match self {
            Self::Texts(_) | Self::Words { .. } | Self::One(_) => DataType::String,
            Self::Bytes(_) => DataType::Binary,
            Self::Whole(_) => DataType::Int64,
            Self::Days(_) => DataType::Date,
            Self::Decimal {
                precision, scale, ..
            } => DataType::Decimal(*precision, *scale),
        }
    }
}

/// Rows with named columns of equal length.
#[derive(Debug, Clone)]
pub struct Block {
    /// Number of rows.
    pub rows: usize,
    /// Columns in order.
    pub columns: Vec<(PlSmallStr, Cells)>,
}

impl Block {
    /// Names and types of its columns.
    pub(crate) fn schema(&self) -> Schema {
        self.columns
            .iter()
            .map(|(name, cells)| (name.clone(), cells.data_type()))
            .collect()
    }
}

/// One column of the rows that wait for their row group.
enum Column {
    Texts(Strip<String>),
    Bytes(Strip<Vec<u8>>),
    Words {
        ids: Vec<u32>,
        words: Vec<String>,
        places: HashMap<String, u32>,
    },
    Whole(Vec<i64>),
    Days(Vec<i32>),
    Decimal(Vec<i64>, usize, usize),
}

/// Rows that wait for their row group, in the order of the table's columns.
pub(crate) struct Gathered {
    columns: Vec<(PlSmallStr, Column)>,
    rows: usize,
}

impl Gathered {
    /// Nothing yet, for the columns of `block` in the order of `schema`.
    pub(crate) fn new(table: &str, schema: &Schema, block: &Block) -> Result<Self, Error> {
        let columns = schema
            .iter_names()
            .map(|name| {
                let cells = cells(table, block, name)?;
                Ok((name.clone(), Column::like(cells)))
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { columns, rows: 0 })
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Takes some rows of a block.
    pub(crate) fn take(
        &mut self,
        table: &str,
        block: &Block,
        rows: Range<usize>,
    ) -> Result<(), Error> {
        for (name, column) in &mut self.columns {
            let cells = cells(table, block, name)?;
            if !column.extend(cells, rows.clone()) {
                return Err(unfit(table, name));
            }
        }
        self.rows += rows.len();
        Ok(())
    }

    /// The gathered rows as arrays, column by column; begins anew.
    pub(crate) fn arrays(&mut self) -> Vec<Box<dyn Array>> {
        self.rows = 0;
        self.columns
            .iter_mut()
            .map(|(_, column)| column.array())
            .collect()
    }
}

fn cells<'a>(table: &str, block: &'a Block, name: &str) -> Result<&'a Cells, Error> {
    let found = block.columns.iter().find(|(column, _)| *column == name);
    found
        .map(|(_, cells)| cells)
        .ok_or_else(|| unfit(table, name))
}

fn unfit(table: &str, column: &str) -> Error {
    Error::Schema {
        table: table.to_owned(),
        column: column.to_owned(),
        expected: "the same form in every block".into(),
        found: "another".into(),
    }
}

impl Column {
    fn like(cells: &Cells) -> Self {
        match cells {
            Cells::Texts(_) => Self::Texts(Strip::default()),
            Cells::Bytes(_) => Self::Bytes(Strip::default()),
            Cells::Words { .. } | Cells::One(_) => Self::Words {
                ids: Vec::new(),
                words: Vec::new(),
                places: HashMap::new(),
            },
            Cells::Whole(_) => Self::Whole(Vec::new()),
            Cells::Days(_) => Self::Days(Vec::new()),
            Cells::Decimal {
                precision, scale, ..
            } => Self::Decimal(Vec::new(), *precision, *scale),
        }
    }

    /// False where the cells have another form.
    fn extend(&mut self, cells: &Cells, rows: Range<usize>) -> bool {
        match (self, cells) {
            (Self::Texts(held), Cells::Texts(strip)) => {
                let text = strip.range(&rows);
                let shift = held.ends_from(&strip.ends, &rows, held.joined.len(), text.start);
                held.ends.extend(shift);
                held.joined.push_str(&strip.joined[text]);
            }
            (Self::Bytes(held), Cells::Bytes(strip)) => {
                let bytes = strip.range(&rows);
                let shift = held.ends_from(&strip.ends, &rows, held.joined.len(), bytes.start);
                held.ends.extend(shift);
                held.joined.extend_from_slice(&strip.joined[bytes]);
            }
            (
                Self::Words {
                    ids: held,
                    words,
                    places,
                },
                Cells::Words {
                    ids,
                    words: list,
                    more,
                },
            ) => {
                let word = |id: usize| list.get(id).unwrap_or_else(|| &more[id - list.len()]);
                let mut known = vec![u32::MAX; list.len() + more.len()];
                held.extend(ids[rows].iter().map(|id| match *id {
                    u32::MAX => u32::MAX,
                    id => {
                        let place = &mut known[id as usize];
                        if *place == u32::MAX {
                            *place = intern(word(id as usize), words, places);
                        }
                        *place
                    }
                }));
            }
            (
                Self::Words {
                    ids: held,
                    words,
                    places,
                },
                Cells::One(text),
            ) => {
                let id = intern(text, words, places);
                held.resize(held.len() + rows.len(), id);
            }
            (Self::Whole(held), Cells::Whole(values)) => held.extend_from_slice(&values[rows]),
            (Self::Days(held), Cells::Days(days)) => held.extend_from_slice(&days[rows]),
            (Self::Decimal(held, ..), Cells::Decimal { values, .. }) => {
                held.extend_from_slice(&values[rows]);
            }
            _ => return false,
        }
        true
    }

    fn array(&mut self) -> Box<dyn Array> {
        match self {
            Self::Texts(strip) => {
                let strip = std::mem::take(strip);
                let mut array = MutableBinaryViewArray::<str>::with_capacity(strip.ends.len());
                let mut start = 0;
                for end in &strip.ends {
                    let text = &strip.joined[start..*end as usize];
                    array.push(Some(text).filter(|text| !text.is_empty()));
                    start = *end as usize;
                }
                Utf8ViewArray::from(array).boxed()
            }
            Self::Bytes(strip) => {
                let strip = std::mem::take(strip);
                let mut array = MutableBinaryViewArray::<[u8]>::with_capacity(strip.ends.len());
                let mut start = 0;
                for end in &strip.ends {
                    array.push_value(&strip.joined[start..*end as usize]);
                    start = *end as usize;
                }
                BinaryViewArray::from(array).boxed()
            }
            Self::Words { ids, words, places } => {
                places.clear();
                dictionary(std::mem::take(ids), &std::mem::take(words))
            }
            Self::Whole(values) => numbers(std::mem::take(values), i64::MIN, ArrowDataType::Int64),
            Self::Days(days) => numbers(std::mem::take(days), i32::MIN, ArrowDataType::Date32),
            Self::Decimal(values, precision, scale) => {
                let values = std::mem::take(values);
                let null = i128::from(i64::MIN);
                let values = values.into_iter().map(i128::from).collect();
                numbers(values, null, ArrowDataType::Decimal(*precision, *scale))
            }
        }
    }
}

impl<T> Strip<T> {
    /// Where the values of some rows stand in `joined`.
    fn range(&self, rows: &Range<usize>) -> Range<usize> {
        let end = |row: usize| match row {
            0 => 0,
            row => self.ends[row - 1] as usize,
        };
        end(rows.start)..end(rows.end)
    }

    /// The ends of rows of another strip after they are moved from `from` to `to`.
    fn ends_from<'e>(
        &self,
        ends: &'e [u32],
        rows: &Range<usize>,
        to: usize,
        from: usize,
    ) -> impl Iterator<Item = u32> + use<'e, T> {
        let length = |bytes: usize| u32::try_from(bytes).expect("a row group is below 4 GiB");
        let (to, from) = (length(to), length(from));
        ends[rows.clone()].iter().map(move |end| end - from + to)
    }
}

fn intern(word: &str, words: &mut Vec<String>, places: &mut HashMap<String, u32>) -> u32 {
    if let Some(place) = places.get(word) {
        return *place;
    }
    let place = u32::try_from(words.len()).expect("far fewer words than 2^32");
    words.push(word.to_owned());
    places.insert(word.to_owned(), place);
    place
}

fn dictionary(mut ids: Vec<u32>, words: &[String]) -> Box<dyn Array> {
    if words.is_empty() {
        return Utf8ViewArray::new_null(ArrowDataType::Utf8View, ids.len()).boxed();
    }
    let validity = validity(&ids, u32::MAX);
    if validity.is_some() {
        for id in ids.iter_mut().filter(|id| **id == u32::MAX) {
            *id = 0;
        }
    }
    let keys = PrimitiveArray::new(ArrowDataType::UInt32, ids.into(), validity);
    let words = Utf8ViewArray::from_slice_values(words);
    let kind = ArrowDataType::Dictionary(
        IntegerType::UInt32,
        Box::new(ArrowDataType::Utf8View),
        false,
    );
    DictionaryArray::try_new(kind, keys, words.boxed())
        .expect("every number is the place of a word")
        .boxed()
}

fn numbers<T: NativeType + PartialEq>(
    values: Vec<T>,
    null: T,
    kind: ArrowDataType,
) -> Box<dyn Array> {
    let validity = validity(&values, null);
    PrimitiveArray::new(kind, values.into(), validity).boxed()
}

/// Which values are not `null`; `None` where all are.
fn validity<T: Copy + PartialEq>(values: &[T], null: T) -> Option<Bitmap> {
    values
        .contains(&null)
        .then(|| values.iter().map(|value| *value != null).collect())
}
