//! What ended a parsing process.

/// What ended a parsing process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Death {
    /// The memory limit, in bytes.
    Memory(u64),
    /// The limit of processor time, in seconds.
    Cpu(u64),
    /// The limit of wall-clock time, in seconds.
    Wall(u64),
    /// Another signal.
    Signal(i32),
    /// A panic in the parser.
    Panic,
    /// It stopped in the middle of an answer.
    Unfinished,
}

impl Death {
    pub(super) fn zh(&self) -> String {
        match self {
            Self::Memory(bytes) => format!("所需内存超过 {bytes} 字节"),
            Self::Cpu(seconds) => format!("处理器时间超过 {seconds} 秒"),
            Self::Wall(seconds) => format!("用时超过 {seconds} 秒"),
            Self::Signal(signal) => format!("信号 {signal}"),
            Self::Panic => "解析器内部错误".to_owned(),
            Self::Unfinished => "结果不完整".to_owned(),
        }
    }

    pub(super) fn en(&self) -> String {
        match self {
            Self::Memory(bytes) => format!("it needed more than {bytes} bytes of memory"),
            Self::Cpu(seconds) => format!("it needed more than {seconds} s of processor time"),
            Self::Wall(seconds) => format!("it took longer than {seconds} s"),
            Self::Signal(signal) => format!("signal {signal}"),
            Self::Panic => "a defect in the parser".to_owned(),
            Self::Unfinished => "its answer is incomplete".to_owned(),
        }
    }
}
