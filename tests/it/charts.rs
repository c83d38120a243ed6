//! Charts over time and place: what they say, where their texts stand, and what is left of them without colour.

mod look;
mod samples;

use dabiao::programme::Language;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];
