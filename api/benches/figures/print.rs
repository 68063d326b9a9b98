//! The PDF of a factura of three lines, each time another one: nothing of the last helps the next.
use std::hint::black_box;

use pdf::{Document, RenderOptions, render, sample};

use crate::table::{Aim, Table};
use crate::{Effort, median};

const RATE: Aim = Aim::AtLeast(130.0);
/// 50 KB, in kilobytes of 1 024 bytes.
const SIZE: Aim = Aim::AtMost(50.0);
const LINES: usize = 3;

/// One core.
pub fn measure(effort: Effort, table: &mut Table) {
    let mut seed = 0;
    let mut print = || {
        seed += 1;
        let factura = Document::Factura(Box::new(sample::factura(LINES, seed)));
        render(&factura, &RenderOptions { ident: seed.to_string(), ..RenderOptions::default() }).unwrap()
    };
    let bytes = print().len();
    let rates = (0..effort.rounds).map(|_| effort.rate(|| drop(black_box(print())))).collect();
    table.judge("PDF de una factura de 3 renglones, un núcleo", median(rates), "/s", RATE);
    table.judge("  su tamaño", f64::from(u32::try_from(bytes).unwrap()) / 1_024.0, "KB", SIZE);
}
