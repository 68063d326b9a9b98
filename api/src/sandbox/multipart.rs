//! Finds one part of a `multipart/form-data` body that is already in memory.

/// Longest boundary RFC 2046 allows.
const BOUNDARY_MAX: usize = 70;

/// The boundary a Content-Type names, when it is multipart.
pub fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let (_, value) = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim().trim_matches('"');
    (1..=BOUNDARY_MAX).contains(&value.len()).then_some(value)
}

/// The content of the part with this name.
pub fn part<'a>(body: &'a [u8], boundary: &str, name: &str) -> Option<&'a [u8]> {
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter may stand at the very start, without the line end of the others.
    let first = delimiter.trim_start();
    let mut rest =
        if body.starts_with(first.as_bytes()) { body.get(first.len()..)? } else { after(body, delimiter.as_bytes())? };
    loop {
        if rest.starts_with(b"--") {
            return None;
        }
        let head_end = find(rest, b"\r\n\r\n")?;
        let content = rest.get(head_end + 4..)?;
        let end = find(content, delimiter.as_bytes())?;
        if is_named(rest.get(..head_end)?, name) {
            return content.get(..end);
        }
        rest = content.get(end + delimiter.len()..)?;
    }
}

fn is_named(head: &[u8], name: &str) -> bool {
    let Ok(head) = std::str::from_utf8(head) else { return false };
    head.lines().any(|line| {
        line.split_once(':').is_some_and(|(field, value)| {
            field.trim().eq_ignore_ascii_case("content-disposition")
                && value.split(';').any(|parameter| {
                    parameter.trim().strip_prefix("name=").is_some_and(|value| value.trim_matches('"') == name)
                })
        })
    })
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    haystack.get(find(haystack, needle)? + needle.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_read_from_the_header() {
        assert_eq!(boundary("multipart/form-data; boundary=abc"), Some("abc"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("multipart/form-data"), None);
        assert_eq!(boundary("application/json; boundary=abc"), None);
        assert_eq!(boundary("multipart/form-data; boundary="), None);
    }

    #[test]
    fn a_part_is_found_by_its_name_and_kept_byte_for_byte() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nno\r\n--b\r\ncontent-disposition: \
                     form-data; name=\"xml\"; filename=\"xml\"\r\nContent-Type: text/xml\r\n\r\n<a>\r\n\xff</a>\r\n--b--\r\n";
        assert_eq!(part(body, "b", "xml"), Some(&b"<a>\r\n\xff</a>"[..]));
        assert_eq!(part(body, "b", "other"), Some(&b"no"[..]));
        assert_eq!(part(body, "b", "none"), None);
        assert_eq!(part(body, "c", "xml"), None);
    }

    #[test]
    fn a_broken_body_has_no_part() {
        for body in [&b""[..], b"--b", b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=\"xml\"\r\n\r\nx"] {
            assert_eq!(part(body, "b", "xml"), None);
        }
    }
}
