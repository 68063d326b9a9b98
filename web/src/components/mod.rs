//! The parts pages are made of: each gets values and callbacks and gives a view. None fetches, none knows a page or
//! has words of its own. Functions that give `AnyView` rather than typed components: the same look in far less WASM.

pub mod banner;
pub mod button;
pub mod choice;
pub mod dialog;
pub mod empty;
pub mod error_summary;
pub mod facts;
pub mod failed;
pub mod field;
pub mod filter;
pub mod icon;
pub mod live;
pub mod note;
pub mod pow;
pub mod skeleton;
pub mod steps;
pub mod tasks;
pub mod tick;
pub mod ticket;
pub mod tip;
