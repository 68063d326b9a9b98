//! The fields that an issuer is described with, the same when it is founded and when it is changed.
use leptos::prelude::*;
use shared::Lang;
use shared::fiscal::{RegimenFiscal, Rfc};
use shared::issuer_settings::{ChangeIssuer, IssuerSettings, NewIssuer};
use shared::payments::RateSource;
use shared::problem::FieldErrors;

use crate::browser;
use crate::components::field::{Kind, pick_field, text_area, text_field};
use crate::components::icon::Icon;
use crate::components::live::{part, press, words};
use crate::components::note::icon_line;
use crate::console::i18n::issuer::Issuer;
use crate::console::session::Sx;
use crate::i18n::fill;
use crate::signed::form::{Field, Form};

pub const RFC: usize = 0;
const COMMERCIAL: usize = 1;
const SUPPORT: usize = 2;
pub const REGIMEN: usize = 3;
const COLOR: usize = 4;
const ADDRESS: usize = 5;
const LANGUAGE: usize = 6;
const CEILING: usize = 7;
const ZONE: usize = 8;
const FOOTER: usize = 9;
const RATE: usize = 10;
pub const SLUG: usize = 11;
pub const NOMBRE: usize = 12;

/// Mexico's zones, the most lived in first.
pub const ZONES: [&str; 12] = [
    "America/Mexico_City",
    "America/Monterrey",
    "America/Merida",
    "America/Cancun",
    "America/Chihuahua",
    "America/Ciudad_Juarez",
    "America/Hermosillo",
    "America/Mazatlan",
    "America/Bahia_Banderas",
    "America/Tijuana",
    "America/Matamoros",
    "America/Ojinaga",
];

/// Their names, in the same order.
const ZONE_NAMES: [&str; 12] = [
    "Ciudad de México",
    "Monterrey",
    "Mérida",
    "Cancún",
    "Chihuahua",
    "Ciudad Juárez",
    "Hermosillo",
    "Mazatlán",
    "Bahía de Banderas",
    "Tijuana",
    "Matamoros",
    "Ojinaga",
];

/// The id of what is painted with the colour that is typed.
const PREVIEW: &str = "preview";
/// White text on it can be read (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;
/// The design's own, in the order of their words.
const SWATCHES: [(&str, &str); 4] = [
    ("#0b6470", "swatch"),
    ("#d6147f", "swatch swatch--b"),
    ("#8bc53f", "swatch swatch--c"),
    ("#ffb000", "swatch swatch--d"),
];
/// What a new issuer begins with.
const CEILING_FIRST: &str = "5000";

const CHANGED: [&str; 11] = [
    "/rfc",
    "/commercial_name",
    "/support_email",
    "/regimen",
    "/brand_color",
    "/address_lines",
    "/language",
    "/daily_stamp_ceiling",
    "/time_zone",
    "/footer",
    "/rate_policy",
];
const FOUNDED: [&str; 13] = [
    "/rfc",
    "/settings/commercial_name",
    "/settings/support_email",
    "/settings/regimen",
    "/settings/brand_color",
    "/settings/address_lines",
    "/settings/language",
    "/settings/daily_stamp_ceiling",
    "/settings/time_zone",
    "/settings/footer",
    "/settings/rate_policy",
    "/slug",
    "/nombre",
];

fn fields(t: &Issuer, pointers: &[&'static str]) -> Vec<Field> {
    let named = [
        ("rfc", t.rfc),
        ("commercial-name", t.commercial),
        ("support-email", t.support),
        ("regimen", t.regimen),
        ("brand-color", t.color),
        ("address", t.address),
        ("language-default", t.language),
        ("ceiling", t.ceiling),
        ("accounts-zone", t.accounts_zone),
        ("footer", t.footer),
        ("rate-policy", t.rate_policy),
        ("slug", t.slug),
        ("nombre", t.nombre),
    ];
    let field = |((id, words), pointer): ((&'static str, &'static str), &&'static str)| Field {
        id,
        pointer,
        words,
        secret: false,
    };
    named.into_iter().zip(pointers).map(field).collect()
}

fn value(values: &[String], n: usize) -> String {
    values.get(n).cloned().unwrap_or_default()
}

/// What the fields say of an issuer.
pub fn change(values: &[String]) -> ChangeIssuer {
    ChangeIssuer {
        regimen: value(values, REGIMEN),
        commercial_name: value(values, COMMERCIAL),
        support_email: value(values, SUPPORT),
        brand_color: value(values, COLOR),
        address_lines: lines(&value(values, ADDRESS)),
        language: Lang::from_tag(&value(values, LANGUAGE)).unwrap_or(Lang::Es),
        daily_stamp_ceiling: value(values, CEILING).trim().parse().unwrap_or_default(),
        time_zone: value(values, ZONE),
        footer: value(values, FOOTER),
        rate_policy: RateSource::parse(&value(values, RATE)),
    }
}

/// What the fields say of a new one.
pub fn new(values: &[String]) -> NewIssuer {
    NewIssuer {
        slug: value(values, SLUG),
        rfc: value(values, RFC),
        nombre: value(values, NOMBRE),
        settings: change(values),
    }
}

/// The lines of a box.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn check_change(values: &[String], _: Lang) -> FieldErrors {
    match Rfc::parse(&value(values, RFC)) {
        Ok(rfc) => change(values).parse(&rfc).err().unwrap_or_default(),
        // It is the server's own and not to be typed.
        Err(_) => FieldErrors::default(),
    }
}

fn check_new(values: &[String], _: Lang) -> FieldErrors {
    new(values).parse().err().unwrap_or_default()
}

/// The form of an issuer that there is.
pub fn changing(sx: Sx, there: &IssuerSettings) -> Form {
    let form = Form::new(sx, sx.t().issuer.title, fields(&sx.t().issuer, &CHANGED), check_change);
    let values = vec![
        there.rfc.clone(),
        there.commercial_name.clone(),
        there.support_email.clone(),
        there.regimen.clone(),
        there.brand_color.clone(),
        there.address_lines.join("\n"),
        there.language.tag().to_owned(),
        there.daily_stamp_ceiling.to_string(),
        there.time_zone.clone(),
        there.footer.clone(),
        there.rate_policy.map(RateSource::as_str).unwrap_or_default().to_owned(),
    ];
    form.over(&there.slug, values);
    form
}

/// The form of one that there is not yet.
pub fn founding(sx: Sx) -> Form {
    let form = Form::new(sx, sx.t().issuer.found, fields(&sx.t().issuer, &FOUNDED), check_new);
    let (color, none) = (SWATCHES[0].0.to_owned(), String::new);
    let lang = sx.t().lang.tag().to_owned();
    let first = CEILING_FIRST.to_owned();
    let zone = ZONES[0].to_owned();
    form.over(
        "/nuevo",
        vec![none(), none(), none(), none(), color, none(), lang, first, zone, none(), none(), none(), none()],
    );
    form
}

/// The tax regime.
pub fn regimen(form: Form, t: &Issuer) -> AnyView {
    let code = |regimen: &RegimenFiscal| {
        let words = [regimen.code(), " ", regimen.name()].concat();
        (regimen.code().to_owned(), words)
    };
    let first = std::iter::once((String::new(), t.choose.to_owned()));
    let rows = first.chain(RegimenFiscal::ALL.iter().map(code)).collect();
    pick_field(form.label(REGIMEN, None), rows, form.control(REGIMEN))
}

/// What of an issuer is no matter of taxes.
pub fn brand(form: Form, t: &'static Issuer) -> AnyView {
    let text = |n, kind, hint| text_field(form.label(n, Some(hint)), kind, form.control(n));
    let languages =
        Lang::ALL.into_iter().zip(t.languages).map(|(lang, words)| (lang.tag().to_owned(), words.to_owned()));
    let rates = ["", RateSource::Invoice.as_str(), RateSource::Day.as_str()].into_iter().zip(t.rate_policies);
    let rates: Vec<(String, String)> = rates.map(|(code, words)| (code.to_owned(), words.to_owned())).collect();
    view! {
        {text(COMMERCIAL, Kind::Plain, t.commercial_hint)}
        {text(SUPPORT, Kind::Email, t.support_hint)}
        {color(form, t)}
        {text_area(form.label(ADDRESS, Some(t.address_hint)), form.control(ADDRESS))}
        {pick_field(form.label(LANGUAGE, None), languages.collect(), form.control(LANGUAGE))}
        {text(CEILING, Kind::Number, t.ceiling_hint)}
        {pick_field(form.label(ZONE, Some(t.accounts_zone_hint)), zones(&form.value(ZONE)), form.control(ZONE))}
        {pick_field(form.label(RATE, Some(t.rate_policy_hint)), rates, form.control(RATE))}
        {text(FOOTER, Kind::Plain, t.footer_hint)}
    }
    .into_any()
}

/// The zones to choose from, with the one that is chosen.
pub fn zones(there: &str) -> Vec<(String, String)> {
    let mut zones = ZONES.to_vec();
    if !zones.contains(&there) {
        zones.push(there);
    }
    // Towns of Mexico have one name in both languages.
    let words = |zone: &str| match ZONES.iter().position(|known| *known == zone) {
        Some(n) => ZONE_NAMES[n].to_owned(),
        None => zone.rsplit('/').next().unwrap_or(zone).replace('_', " "),
    };
    zones.into_iter().map(|zone| (zone.to_owned(), words(zone))).collect()
}

fn color(form: Form, t: &'static Issuer) -> AnyView {
    Effect::new(move |_| {
        let typed = form.tracked(COLOR);
        if channels(&typed).is_some() {
            browser::set_style(PREVIEW, "--issuer", typed.trim());
        }
    });
    let swatch = |((color, class), name): ((&'static str, &'static str), &'static str)| {
        let chosen =
            Signal::derive(
                move || {
                    if form.tracked(COLOR).trim().eq_ignore_ascii_case(color) { "true" } else { "false" }
                },
            );
        let choose = move || form.set(COLOR, color.to_owned());
        view! { <button class=class type="button" aria-label=name aria-pressed=chosen on:click=press(choose)></button> }
            .into_any()
    };
    let swatches: Vec<AnyView> = SWATCHES.into_iter().zip(t.swatch).map(swatch).collect();
    let said = part(move || {
        let contrast = contrast(channels(&form.tracked(COLOR))?);
        let told = fill(t.contrast, &[&tenths(contrast)]);
        Some(match contrast < READABLE {
            true => icon_line("sm warn iconline", Icon::Info, [&told, ". ", t.contrast_low].concat()),
            false => icon_line("sm ok iconline", Icon::CircleCheck, told),
        })
    });
    let name = words(move || Some(form.tracked(COMMERCIAL)));
    let (make, see) = (t.preview_acts[0], t.preview_acts[1]);
    view! {
        {text_field(form.label(COLOR, Some(t.color_hint)), Kind::Plain, form.control(COLOR))}
        <div class="swatches" role="group" aria-label=t.swatches>{swatches}</div>
        {said}
        <div class="card card__body brand-scope stack stack-3" id=PREVIEW>
            <p class="sm muted">{t.preview}</p>
            <b>{name}</b>
            <div class="row tight" aria-hidden="true">
                <span class="btn">{make}</span>
                <span class="btn btn--quiet">{see}</span>
            </div>
        </div>
    }
    .into_any()
}

/// Red, green and blue of `#rrggbb`.
fn channels(color: &str) -> Option<[u8; 3]> {
    let digits = color.trim().strip_prefix('#').filter(|it| it.len() == 6 && it.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// How many to one white is to the colour (WCAG 2.2).
fn contrast(channels: [u8; 3]) -> f64 {
    let light = |channel: u8| {
        let part = f64::from(channel) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let [red, green, blue] = channels.map(light);
    1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/// With one decimal, never rounded up past what it is.
fn tenths(ratio: f64) -> String {
    format!("{:.1}", (ratio * 10.0).floor() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_guideline_says() {
        let of = |color: &str| tenths(contrast(channels(color).unwrap()));
        assert_eq!(of("#ffffff"), "1.0");
        assert_eq!(of("#000000"), "21.0");
        // The guideline's own example of the lightest grey that passes.
        assert_eq!(of("#767676"), "4.5");
        assert!(contrast(channels("#777777").unwrap()) < READABLE);
        assert_eq!(channels("0b6470"), None);
        assert_eq!(channels("#0b64é"), None);
    }

    #[test]
    fn a_form_is_read_as_the_server_reads_it() {
        let typed = [
            "SCA010101AA4",
            "Colibrí",
            "a@colibri.example",
            "601",
            "#0B6470",
            "Calle 1\n\n",
            "es",
            "5000",
            "America/Tijuana",
            "Av. Juárez 1",
            "day",
            "colibri",
            "SUMINISTROS",
        ];
        let values: Vec<String> = typed.map(str::to_owned).to_vec();
        assert!(check_new(&values, Lang::Es).is_empty());
        assert_eq!(new(&values).settings.address_lines, ["Calle 1"]);
        assert_eq!(new(&values).settings.time_zone, "America/Tijuana");
        assert_eq!(new(&values).settings.rate_policy, Some(RateSource::Day));
        let wrong = check_new(&vec![String::new(); FOUNDED.len()], Lang::Es);
        for pointer in FOUNDED
            .iter()
            .filter(|it| !["lines", "language", "zone", "footer", "policy"].iter().any(|free| it.ends_with(free)))
        {
            assert!(wrong.of(pointer).is_some(), "{pointer}");
        }
    }
}
