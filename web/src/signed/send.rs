//! One request of the portal's client: its verb, headers and time limit, and what came of it.
use js_sys::{Reflect, Uint8Array, decode_uri_component};
use leptos::prelude::document;
use leptos::tachys::dom::window;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::accounts::Secret;
use uuid::Uuid;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, FileList, Headers, HtmlElement, HtmlInputElement, RequestInit, Response, Url};

use crate::api::{ANSWER_MS, Answer, ApiFailure, BASE, WORK, encode, failure, offline};

/// Longest wait for a file.
const FILE_MS: u32 = 60_000;
/// How long a saved file's address lives: long enough for the browser to have begun.
const SAVED_MS: i32 = 30_000;

/// What is done with what is at the address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    Put,
    Delete,
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Post => "POST",
            Verb::Put => "PUT",
            Verb::Delete => "DELETE",
        }
    }
}

/// A request.
#[derive(Clone)]
pub struct Request {
    verb: Verb,
    path: String,
    body: Option<String>,
    file: Option<Blob>,
    key: Option<Uuid>,
    work: Option<String>,
    limit_ms: u32,
}

/// A file that the person picked.
#[derive(Clone)]
pub struct Picked {
    /// What it is called.
    pub name: String,
    bytes: Blob,
}

impl Picked {
    /// The first file of a control, if there is one.
    pub fn of(input: &HtmlInputElement) -> Option<Picked> {
        let file = input.files()?.get(0)?;
        Some(Picked { name: file.name(), bytes: file.into() })
    }

    /// Its bytes as text, for a body that carries them among other things.
    pub async fn base64(&self) -> Answer<String> {
        let buffer = JsFuture::from(self.bytes.array_buffer()).await.map_err(offline)?;
        let bytes = Uint8Array::new(&buffer).to_vec();
        let plain: String = bytes.into_iter().map(char::from).collect();
        window().btoa(&plain).map_err(offline)
    }

    /// All files of a control.
    pub fn all_of(input: &HtmlInputElement) -> Vec<Picked> {
        input.files().map(Picked::each).unwrap_or_default()
    }

    fn each(files: FileList) -> Vec<Picked> {
        let files = (0..files.length()).filter_map(|at| files.get(at));
        files.map(|file| Picked { name: file.name(), bytes: file.into() }).collect()
    }

    /// All files let go over an element. What is dragged is read by name: no other page needs its type.
    pub fn dropped(event: &JsValue) -> Vec<Picked> {
        let part = |of: &JsValue, name: &str| Reflect::get(of, &JsValue::from_str(name)).ok();
        let files = part(event, "dataTransfer").and_then(|it| part(&it, "files")?.dyn_into::<FileList>().ok());
        files.map(Picked::each).unwrap_or_default()
    }

    /// How large it is, in bytes.
    pub fn size(&self) -> f64 {
        self.bytes.size()
    }
}

impl Request {
    /// A request without a body; `path` comes after `/api/v1`.
    pub fn new(verb: Verb, path: String) -> Request {
        Request { verb, path, body: None, file: None, key: None, work: None, limit_ms: ANSWER_MS }
    }

    /// The same with a JSON body.
    pub fn with_body(self, body: &impl Serialize) -> Answer<Request> {
        Ok(Request { body: Some(encode(body)?), ..self })
    }

    /// The same with a body that is JSON already.
    pub fn with_json(self, body: String) -> Request {
        Request { body: Some(body), ..self }
    }

    /// The same with a file as its body, and the patience that files need.
    pub fn with_file(self, file: &Picked) -> Request {
        Request { file: Some(file.bytes.clone()), limit_ms: FILE_MS, ..self }
    }

    /// The same with an Idempotency-Key.
    pub fn with_key(self, key: Uuid) -> Request {
        Request { key: Some(key), ..self }
    }

    /// The same with a proof of work, where there is one.
    pub fn with_work(self, work: Option<String>) -> Request {
        Request { work, ..self }
    }

    /// The same with the patience that files need.
    pub fn of_files(self) -> Request {
        Request { limit_ms: FILE_MS, ..self }
    }

    fn init(&self, token: Option<&Secret>) -> Result<RequestInit, JsValue> {
        let headers = Headers::new()?;
        headers.set("Accept", "application/json, application/problem+json, */*;q=0.1")?;
        headers.set("X-Requested-With", "ventanilla")?;
        if let Some(token) = token {
            headers.set("Authorization", &["Bearer ", token.expose()].concat())?;
        }
        if let Some(key) = self.key {
            headers.set("Idempotency-Key", &key.to_string())?;
        }
        if let Some(work) = &self.work {
            headers.set(WORK, work)?;
        }
        let init = RequestInit::new();
        init.set_method(self.verb.as_str());
        if let Some(body) = &self.body {
            headers.set("Content-Type", "application/json")?;
            init.set_body(&JsValue::from_str(body));
        }
        if let Some(file) = &self.file {
            headers.set("Content-Type", "application/octet-stream")?;
            init.set_body(file);
        }
        init.set_headers(&headers);
        init.set_signal(Some(&AbortSignal::timeout_with_u32(self.limit_ms)));
        Ok(init)
    }
}

/// A file that came.
pub struct File {
    bytes: Blob,
    name: Option<String>,
}

/// Sends it and gives the text of a good answer.
pub async fn text(request: Request, token: Option<Secret>) -> Answer<String> {
    good(&request, token.as_ref()).await.map(|(_, text)| text)
}

async fn good(request: &Request, token: Option<&Secret>) -> Answer<(Response, String)> {
    let response = answer(request, token).await?;
    let text = read(&response).await?;
    if response.ok() { Ok((response, text)) } else { Err(failure(response.status(), &text)) }
}

async fn answer(request: &Request, token: Option<&Secret>) -> Answer<Response> {
    let init = request.init(token).map_err(offline)?;
    let address = [BASE, &request.path].concat();
    let answer = JsFuture::from(window().fetch_with_str_and_init(&address, &init)).await.map_err(offline)?;
    answer.dyn_into::<Response>().map_err(offline)
}

async fn read(response: &Response) -> Answer<String> {
    let text = JsFuture::from(response.text().map_err(offline)?).await.map_err(offline)?;
    Ok(text.as_string().unwrap_or_default())
}

/// Sends it and gives the file that comes.
pub async fn file(request: Request, token: Option<Secret>) -> Answer<File> {
    let response = answer(&request, token.as_ref()).await?;
    if !response.ok() {
        return Err(failure(response.status(), &read(&response).await?));
    }
    let name = response.headers().get("Content-Disposition").ok().flatten().and_then(|header| file_name(&header));
    let bytes = JsFuture::from(response.blob().map_err(offline)?).await.map_err(offline)?;
    Ok(File { bytes: bytes.dyn_into().map_err(offline)?, name })
}

/// Hands the file to the browser, which asks or saves as the person has set it.
pub fn save(file: &File) -> Answer<()> {
    let address = Url::create_object_url_with_blob(&file.bytes).map_err(offline)?;
    follow(&address, file.name.as_deref().unwrap_or_default())?;
    leptos::task::spawn_local(async move {
        crate::browser::sleep(SAVED_MS).await;
        // An address that is gone already holds nothing.
        let _ = Url::revoke_object_url(&address);
    });
    Ok(())
}

/// Lets the browser fetch a file by itself; its name comes with it.
pub fn save_from(address: &str) -> Answer<()> {
    follow(address, "")
}

fn follow(address: &str, name: &str) -> Answer<()> {
    let link = document().create_element("a").map_err(offline)?;
    let ready = link.set_attribute("href", address).and_then(|()| link.set_attribute("download", name));
    ready.map_err(offline)?;
    if let Some(link) = link.dyn_ref::<HtmlElement>() {
        link.click();
    }
    Ok(())
}

/// The name in a Content-Disposition: the plain one, or the encoded one (RFC 6266).
fn file_name(header: &str) -> Option<String> {
    let value = |key: &str| {
        header.split(';').map(str::trim).find_map(|part| part.strip_prefix(key)).map(|value| value.trim_matches('"'))
    };
    let plain = value("filename=").map(str::to_owned);
    let encoded = || {
        let value = value("filename*=")?.rsplit_once('\'')?.1;
        decode_uri_component(value).ok().map(String::from)
    };
    plain.or_else(encoded).filter(|name| !name.is_empty())
}

/// Reads the answer; nothing at all is what `()` is made of.
pub fn decode<T: DeserializeOwned>(text: &str) -> Answer<T> {
    let text = if text.is_empty() { "null" } else { text };
    serde_json::from_str(text).map_err(|_error| ApiFailure::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_names_the_file() {
        let header = r#"attachment; filename="SCA010101AA4_FA-60412_2026-11-17.pdf""#;
        assert_eq!(file_name(header).as_deref(), Some("SCA010101AA4_FA-60412_2026-11-17.pdf"));
        assert_eq!(file_name("attachment; filename=a.zip; size=3").as_deref(), Some("a.zip"));
        assert_eq!(file_name("attachment"), None);
        assert_eq!(file_name(r#"attachment; filename="""#), None);
    }

    #[test]
    fn an_empty_answer_is_an_answer() {
        assert!(decode::<()>("") == Ok(()));
        assert!(decode::<u8>("7") == Ok(7));
        assert!(decode::<u8>("") == Err(ApiFailure::Malformed));
    }
}
