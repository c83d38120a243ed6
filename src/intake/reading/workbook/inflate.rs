//! Unpacking deflate (RFC 1951) piece by piece, for what calamine does not tell of a workbook.
//!
//! calamine reads neither hidden columns nor hidden rows, and does not hand out a part's XML. This unpacks it once
//! more, in the parsing process, to look at the attributes of a few tags. Damage ends it without an error: the rows
//! themselves are read and judged elsewhere.

/// How far back a copy may reach.
const WINDOW: usize = 1 << 15;
/// Output is handed on in pieces of about this size.
const PIECE: usize = 1 << 16;
const BITS_MAX: usize = 15;

const LENGTH_BASE: [u16; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
];
const LENGTH_BITS: [u8; 29] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE: [u16; 30] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
/// The order in which the lengths of the code that codes the codes stand.
const CODE_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Hands the unpacked bytes of `packed` to `piece`, in order, until it answers false or the data end or are damaged.
pub(super) fn inflate(packed: &[u8], mut piece: impl FnMut(&[u8]) -> bool) {
    let mut stream = Inflate {
        packed,
        at: 0,
        bits: 0,
        filled: 0,
        out: Vec::with_capacity(2 * PIECE),
        handed: 0,
    };
    // None is damage or a reader who has seen enough; either way there is nothing more to do.
    let _ = stream.run(&mut piece);
    let _ = piece(&stream.out[stream.handed..]);
}

struct Inflate<'a> {
    packed: &'a [u8],
    at: usize,
    bits: u64,
    filled: u32,
    /// The window, then what was unpacked since.
    out: Vec<u8>,
    /// What of `out` was handed on.
    handed: usize,
}

/// A Huffman code as a table from the next 15 bits to symbol and length, `symbol << 4 | length`; 0 is no code.
struct Code(Vec<u16>);

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut table = vec![0; 1 << BITS_MAX];
        let mut code = 0_usize;
        for length in 1..=BITS_MAX {
            for symbol in
                (0..lengths.len()).filter(|symbol| usize::from(lengths[*symbol]) == length)
            {
                if code >= 1 << length {
                    return Self(table);
                }
                // Codes stand in the stream with their highest bit first, the table is read from the lowest.
                let first = code.reverse_bits() >> (usize::BITS as usize - length);
                for place in (first..1 << BITS_MAX).step_by(1 << length) {
                    table[place] = (symbol << 4 | length) as u16;
                }
                code += 1;
            }
            code <<= 1;
        }
        Self(table)
    }
}

impl Inflate<'_> {
    fn run(&mut self, piece: &mut impl FnMut(&[u8]) -> bool) -> Option<()> {
        loop {
            let is_last = self.take(1)? == 1;
            match self.take(2)? {
                0 => self.stored(piece)?,
                1 => {
                    let lengths: Vec<u8> = (0..288)
                        .map(|symbol| match symbol {
                            0..144 => 8,
                            144..256 => 9,
                            256..280 => 7,
                            _ => 8,
                        })
                        .collect();
                    self.block(&Code::new(&lengths), &Code::new(&[5; 30]), piece)?;
                }
                2 => {
                    let (literals, distances) = self.codes()?;
                    self.block(&literals, &distances, piece)?;
                }
                _ => return None,
            }
            if is_last {
                return Some(());
            }
        }
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        while self.filled < count {
            self.bits |= u64::from(*self.packed.get(self.at)?) << self.filled;
            self.at += 1;
            self.filled += 8;
        }
        let value = (self.bits & ((1 << count) - 1)) as u32;
        self.bits >>= count;
        self.filled -= count;
        Some(value)
    }

    fn symbol(&mut self, code: &Code) -> Option<usize> {
        while self.filled < BITS_MAX as u32 && self.at < self.packed.len() {
            self.bits |= u64::from(self.packed[self.at]) << self.filled;
            self.at += 1;
            self.filled += 8;
        }
        let found = usize::from(code.0[self.bits as usize & ((1 << BITS_MAX) - 1)]);
        let length = (found & 15) as u32;
        if length == 0 || length > self.filled {
            return None;
        }
        self.bits >>= length;
        self.filled -= length;
        Some(found >> 4)
    }

    fn stored(&mut self, piece: &mut impl FnMut(&[u8]) -> bool) -> Option<()> {
        self.take(self.filled % 8)?;
        // Whole bytes may wait in `bits`; they are taken from there first.
        let length = self.take(16)?;
        if self.take(16)? != !length & 0xFFFF {
            return None;
        }
        for _ in 0..length {
            let byte = self.take(8)? as u8;
            self.out.push(byte);
        }
        self.hand_on(piece)
    }

    fn codes(&mut self) -> Option<(Code, Code)> {
        let literals = self.take(5)? as usize + 257;
        let distances = self.take(5)? as usize + 1;
        let count = self.take(4)? as usize + 4;
        let mut lengths = [0_u8; 19];
        for place in &CODE_ORDER[..count] {
            lengths[*place] = self.take(3)? as u8;
        }
        let code = Code::new(&lengths);
        let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
        while lengths.len() < literals + distances {
            let (value, times) = match self.symbol(&code)? {
                16 => (*lengths.last()?, 3 + self.take(2)?),
                17 => (0, 3 + self.take(3)?),
                18 => (0, 11 + self.take(7)?),
                length => (length as u8, 1),
            };
            lengths.extend(std::iter::repeat_n(value, times as usize));
        }
        let (literals, distances) = lengths.split_at(literals);
        Some((Code::new(literals), Code::new(distances)))
    }

    fn block(
        &mut self,
        literals: &Code,
        distances: &Code,
        piece: &mut impl FnMut(&[u8]) -> bool,
    ) -> Option<()> {
        loop {
            match self.symbol(literals)? {
                byte @ 0..256 => self.out.push(byte as u8),
                256 => return Some(()),
                symbol => {
                    let symbol = symbol - 257;
                    let length = u32::from(*LENGTH_BASE.get(symbol)?)
                        + self.take(u32::from(LENGTH_BITS[symbol]))?;
                    let symbol = self.symbol(distances)?;
                    let bits = (symbol as u32 / 2).saturating_sub(1);
                    let distance = u32::from(*DISTANCE_BASE.get(symbol)?) + self.take(bits)?;
                    let start = self.out.len().checked_sub(distance as usize)?;
                    for from in start..start + length as usize {
                        let byte = *self.out.get(from)?;
                        self.out.push(byte);
                    }
                }
            }
            self.hand_on(piece)?;
        }
    }

    /// Hands on a full piece and forgets what no copy can reach.
    fn hand_on(&mut self, piece: &mut impl FnMut(&[u8]) -> bool) -> Option<()> {
        if self.out.len() - self.handed < PIECE {
            return Some(());
        }
        if !piece(&self.out[self.handed..]) {
            self.handed = self.out.len();
            return None;
        }
        self.out.drain(..self.out.len() - WINDOW);
        self.handed = self.out.len();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        inflate(packed, |piece| {
            out.extend_from_slice(piece);
            true
        });
        out
    }

    #[test]
    fn streams_of_every_kind_are_unpacked() {
        // Written by zlib: stored, fixed codes, dynamic codes.
        assert_eq!(unpacked(&[1, 3, 0, 0xFC, 0xFF, b'a', b'b', b'c']), b"abc");
        assert_eq!(
            unpacked(&[0x4B, 0x4C, 0x4A, 0x4E, 0x49, 0x4D, 0x4B, 0x04, 0x93, 0x00]),
            b"abcdefabcdef"
        );
        assert_eq!(unpacked(DYNAMIC), DYNAMIC_TEXT.as_bytes());
    }

    #[test]
    fn damage_ends_it_quietly() {
        for end in 0..DYNAMIC.len() {
            assert!(
                DYNAMIC_TEXT
                    .as_bytes()
                    .starts_with(&unpacked(&DYNAMIC[..end]))
            );
        }
        for byte in 0..=u8::MAX {
            let _ = unpacked(&[byte; 40]);
        }
    }

    const DYNAMIC: &[u8] = &[
        125, 211, 75, 106, 195, 64, 16, 132, 225, 171, 120, 215, 203, 88, 211, 126, 130, 210, 119,
        137, 53, 142, 53, 137, 53, 198, 82, 136, 148, 219, 123, 2, 33, 77, 149, 97, 122, 101, 244,
        107, 33, 62, 92, 237, 120, 155, 87, 227, 171, 172, 101, 213, 167, 24, 207, 249, 247, 167,
        181, 47, 229, 177, 181, 127, 173, 241, 182, 23, 59, 97, 12, 30, 55, 98, 93, 135, 85, 189,
        54, 98, 49, 70, 204, 27, 207, 7, 177, 115, 57, 236, 91, 239, 91, 254, 170, 157, 183, 32,
        118, 193, 184, 247, 120, 20, 235, 123, 172, 7, 175, 59, 177, 148, 18, 230, 163, 103, 21,
        251, 40, 71, 30, 85, 44, 212, 186, 82, 69, 174, 97, 160, 140, 94, 57, 103, 234, 8, 118, 43,
        71, 47, 212, 196, 26, 36, 187, 83, 69, 179, 113, 164, 140, 104, 211, 52, 81, 71, 181, 175,
        114, 244, 71, 169, 169, 5, 84, 251, 166, 138, 106, 243, 76, 25, 213, 150, 101, 161, 142,
        106, 63, 229, 232, 133, 154, 90, 64, 181, 55, 170, 168, 118, 226, 117, 160, 90, 199, 251,
        8, 168, 22, 159, 22, 162, 53, 53, 69, 181, 119, 170, 168, 118, 161, 137, 40, 170, 245, 60,
        18, 69, 181, 244, 52, 19, 173, 169, 41, 170, 125, 82, 69, 181, 43, 173, 68, 81, 109, 224,
        153, 40, 170, 229, 255, 157, 60, 0,
    ];
    const DYNAMIC_TEXT: &str = "<row r='0' hidden='0'></row><row r='1' hidden='7'>b</row><row r='2' hidden='4'>cc</row><row r='3' hidden='1'>ddd</row><row r='4' hidden='8'>eeee</row><row r='5' hidden='5'></row><row r='6' hidden='2'>g</row><row r='7' hidden='9'>hh</row><row r='8' hidden='6'>iii</row><row r='9' hidden='3'>jjjj</row><row r='10' hidden='0'></row><row r='11' hidden='7'>l</row><row r='12' hidden='4'>mm</row><row r='13' hidden='1'>nnn</row><row r='14' hidden='8'>oooo</row><row r='15' hidden='5'></row><row r='16' hidden='2'>q</row><row r='17' hidden='9'>rr</row><row r='18' hidden='6'>sss</row><row r='19' hidden='3'>tttt</row><row r='20' hidden='0'></row><row r='21' hidden='7'>v</row><row r='22' hidden='4'>ww</row><row r='23' hidden='1'>xxx</row><row r='24' hidden='8'>yyyy</row><row r='25' hidden='5'></row><row r='26' hidden='2'>a</row><row r='27' hidden='9'>bb</row><row r='28' hidden='6'>ccc</row><row r='29' hidden='3'>dddd</row><row r='30' hidden='0'></row><row r='31' hidden='7'>f</row><row r='32' hidden='4'>gg</row><row r='33' hidden='1'>hhh</row><row r='34' hidden='8'>iiii</row><row r='35' hidden='5'></row><row r='36' hidden='2'>k</row><row r='37' hidden='9'>ll</row><row r='38' hidden='6'>mmm</row><row r='39' hidden='3'>nnnn</row>";
}
