//! How the files of a provider are had: over the net, or from a folder that mirrors it.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Url;

use crate::Error;
use crate::feeds::DataDir;
use crate::feeds::single::{Answered, Single};

/// A way to files.
#[derive(Debug)]
pub(super) enum Way {
    /// Over the net.
    Net(Box<Single>),
    /// From a folder.
    Mirror(PathBuf),
}

impl Way {
    /// Over the net; `hosts` may be in the house.
    pub(super) fn net(
        dir: DataDir,
        hosts: Vec<String>,
        now: Timestamp,
        pause: Duration,
    ) -> Result<Way, Error> {
        Ok(Way::Net(Box::new(Single::new(dir, hosts, now, pause)?)))
    }

    /// The bytes at an address, at most so many.
    pub(super) async fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, String> {
        let answered = self.get_if_changed(url, limit, None).await?;
        answered.map(|it| it.content).ok_or_else(|| "the server sent nothing".to_owned())
    }

    /// The same, unless the server says that it is what was had before, by the tag of that; with the tag of this one.
    pub(super) async fn get_if_changed(
        &self,
        url: &str,
        limit: u64,
        tag: Option<&str>,
    ) -> Result<Option<Answered>, String> {
        match self {
            Way::Net(single) => single.get(url, limit, tag).await,
            Way::Mirror(folder) => {
                let path = folder.join(below(url)?);
                let size = std::fs::metadata(&path).map_err(|_| missing(url))?.len();
                if size > limit {
                    return Err(format!("it has more than {limit} bytes and was not read"));
                }
                let content = std::fs::read(&path).map_err(|error| error.to_string())?;
                Ok(Some(Answered { content, tag: String::new() }))
            }
        }
    }
}

fn missing(url: &str) -> String {
    format!("the mirror does not have {url}")
}

/// `HOST/PATH` of an address; nothing that would lead out of the folder.
fn below(url: &str) -> Result<PathBuf, String> {
    // The parser takes `..` and its escapes away.
    let parsed = Url::parse(url).map_err(|error| format!("`{url}` is no address: {error}"))?;
    let host = parsed.host_str().filter(|it| !it.is_empty()).ok_or_else(|| missing(url))?;
    let mut path = PathBuf::from(host);
    for part in parsed.path().split('/').filter(|it| !it.is_empty()) {
        let plain = !part.contains('\\') && !part.contains("%2F") && !part.contains("%2f");
        if !plain || matches!(part, "." | "..") {
            return Err(format!("`{url}` leads out of the mirror"));
        }
        path.push(part.replace("%20", " "));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_never_leads_out_of_the_mirror() {
        let of = |url: &str| below(url).map(|it| it.display().to_string());
        assert_eq!(of("https://p.example/a/b.json").unwrap(), "p.example/a/b.json");
        assert_eq!(of("https://p.example/a/../../../etc/passwd").unwrap(), "p.example/etc/passwd");
        assert_eq!(of("https://p.example/%2e%2e/x").unwrap(), "p.example/x");
        assert!(of("https://p.example/..%2f..%2fetc/passwd").is_err());
        assert!(of("https://p.example/a%5c..%5cb").is_ok_and(|it| it == "p.example/a%5c..%5cb"));
        assert!(of("no address").is_err());
    }
}
