//! The PDF of a factura of three lines, each time another one: nothing of the last helps the next. And of the longest
//! that the house takes: how long one core is at it, and how much memory it asks for.
use std::hint::black_box;
use std::time::Instant;

use pdf::{Document, MAX_LINES, RenderOptions, render, sample};

use crate::table::{Aim, Table};
use crate::{Effort, median, megabytes};

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
    longest(table);
}

fn longest(table: &mut Table) {
    let factura = Document::Factura(Box::new(sample::factura(MAX_LINES, 1)));
    // Linux forgets the highest mark of this process.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, started) = (megabytes("self", "VmRSS:"), Instant::now());
    drop(black_box(render(&factura, &RenderOptions::default()).unwrap()));
    table.add("PDF de una factura de 2,000 renglones, un núcleo", started.elapsed().as_secs_f64(), "s");
    table.add("  memoria que pide", megabytes("self", "VmHWM:") - before, "MB");
}
