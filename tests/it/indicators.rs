//! Every indicator over the samples: held against tables that were checked in, cases worked by hand, plain loops, and a second engine.

mod definitions;
mod domain;
mod examples;
mod golden;
mod loops;
pub(crate) mod sample;
mod second_engine;
