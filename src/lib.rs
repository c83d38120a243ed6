//! Dabiao 达标
