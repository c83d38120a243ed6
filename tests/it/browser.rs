//! The pages as a reader has them, in Chromium: what it complains of, what fits, what keys and pointer reach.

mod chromium;
mod hands;
mod looks;
mod site;
mod tab;
