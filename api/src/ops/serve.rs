//! The portal as one process: web app, API and background work, until a signal.
use std::io::Write;
use std::net::TcpListener;

use anyhow::Context;
use futures::future::OptionFuture;

use super::start::{self, World};
use crate::config::Config;
use crate::http::spa::Assets;
use crate::integrators::keys;
use crate::integrators::model::KeyText;
use crate::issuers;
use crate::jobs::Runner;
use crate::metrics;
use crate::webhooks::courier;

/// Serves until a signal says to stop. `bundle` is the web app as `pack-web` left it.
pub async fn serve(config: Config, demo: bool, bundle: &'static [u8]) -> anyhow::Result<()> {
    let assets = Assets::from_bundle(bundle).context("reading the embedded web app")?;
    let listener = TcpListener::bind(&config.listen)
        .with_context(|| format!("listening on {}: is the port taken? Choose another with listen", config.listen))?;
    let address = listener.local_addr().context("reading the listening address")?;
    let figures = match config.metrics.listen.as_str() {
        "" => None,
        at => Some(TcpListener::bind(at).with_context(|| format!("metrics.listen: listening on {at}"))?),
    };
    let started = start::start(config, demo, Some(address), World::of_this_machine()).await?;
    let default = issuers::service::find_default_issuer(&mut started.app.db.read().await?).await?;
    let assets = assets.with_doors(started.app.profiles.doors(default.as_ref()));
    let stop = crate::serve::stop_on_signals().context("listening for signals")?;
    let runner = Runner::new(started.app.clone(), start::dispatch);
    let couriers = courier::run(started.app.clone(), stop.clone());
    let jobs = runner.run(stop.clone());
    if let Some(figures) = &figures {
        let address = figures.local_addr().context("reading the address of the figures")?;
        tracing::info!("figures for a Prometheus server: http://{address}/metrics");
    }
    let figures = figures.map(|listener| metrics::routes::serve(&started.app, listener, stop.clone())).transpose()?;
    let figures = async move {
        if let Some(Err(error)) = OptionFuture::from(figures).await {
            tracing::error!(%error, "the listener of the figures failed");
        }
    };
    let work = Box::pin(async move {
        futures::future::join3(jobs, couriers, figures).await;
    });
    announce(&started.app.public_url, demo.then(|| keys::demo_key(&started.app)).as_ref())?;
    crate::serve::serve(started.app.clone(), listener, assets, stop, work).await?;
    if let Some(sandbox) = started.sandbox {
        sandbox.stop().await;
    }
    started.app.db.close().await;
    Ok(())
}

/// The last thing a start says: what to try, and alone on its line the address. Connections are accepted already.
fn announce(public_url: &str, demo_key: Option<&KeyText>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if let Some(key) = demo_key {
        writeln!(
            out,
            "Ensayo: nada de esto tiene efecto fiscal. Pruebe con un ticket de muestra en la primera página;"
        )?;
        writeln!(
            out,
            "tickets y valores mágicos en {public_url}/ensayo, correos en {public_url}/buzon, API en {public_url}/api/docs/"
        )?;
        writeln!(out, "clave de ensayo para /api/integrators/v1: {}", key.expose())?;
    }
    writeln!(out, "{public_url}")?;
    Ok(out.flush()?)
}
