//! Charts over time and place: what they say, where their texts stand, and what is left of them without colour.

mod colour;
mod face;
mod layout;
mod look;
mod points;
mod samples;
mod says;

use dabiao::programme::Language;

const LANGUAGES: [Language; 2] = [Language::Zh, Language::En];
