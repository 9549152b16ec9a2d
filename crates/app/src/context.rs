//! What every use case needs: the store, the vulnerability data, the clock, the data folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bedrail_model::data_status::DataStatus;
use bedrail_model::finding::Weakness;
use bedrail_model::ids::DeviceId;
use bedrail_store::{Address, Change, Held, Lock, Stamp, Store, View, weaknesses};
use tokio::sync::Semaphore;

use crate::accounts::Tries;
use crate::clock::Clock;
use crate::decisions::Books;
use crate::error::Error;
use crate::fleet::{Fleet, Fleets};
use crate::judge::Judge;
use crate::kept::Kept;
use crate::medical::{Judgements, Shelves};
use crate::priority::Order;
use crate::response::Packed;
use crate::rights::Right;
use crate::secrets::Secrets;
use crate::single_sign_on::Providers;
use crate::unknowns::Gathered;
use crate::{Actor, alerts, kept, rematch};

/// What every use case needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The clock.
    pub clock: Clock,
    /// The data folder.
    pub data_dir: PathBuf,
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) judge: Judge,
    pub(crate) fleets: Fleets,
    /// The medical advisories of the installation, and what they say to each organisation.
    pub(crate) shelves: Shelves,
    pub(crate) judgements: Judgements,
    /// What each organisation decided on weaknesses.
    pub(crate) books: Books,
    /// What each organisation is to act on first.
    pub(crate) orders: Kept<Order>,
    pub(crate) addresses: alerts::Book,
    /// Open alerts of each urgency, and accounts of them.
    pub(crate) urgencies: alerts::Remembered<(), Vec<(u8, u64)>>,
    pub(crate) proofs: alerts::Remembered<(alerts::prove::Period, Option<DeviceId>), alerts::prove::Proof>,
    /// The pack for the day on which the server is down.
    pub(crate) packs: Kept<Packed>,
    /// What each organisation does not know.
    pub(crate) unknowns: Kept<Gathered>,
    /// Password checks at once: each takes 19 MiB and a core.
    pub(crate) passwords: Arc<Semaphore>,
    pub(crate) tries: Tries,
    pub(crate) secrets: Secrets,
    /// What providers for single sign-on say of themselves.
    pub(crate) providers: Providers,
    pub(crate) parser: Option<PathBuf>,
}

/// How to open a [`Context`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data folder; made where missing.
    pub data_dir: PathBuf,
    /// The database: `None` is the embedded one in the data folder, else a `postgres://` address.
    pub database: Option<String>,
    /// The clock.
    pub clock: Clock,
    /// The program that parses uploads under limits (this binary, called with `parse-upload`); `None` parses in this
    /// process, for the command line on a person's own files and for tests.
    pub parser: Option<PathBuf>,
    /// The file with the key for stored secrets: `None` is `secret.key` in the data folder. Servers that share a database
    /// share the key.
    pub key_file: Option<PathBuf>,
    /// Data older than this many days is stale.
    pub max_data_age_days: u32,
}

/// The embedded database in the data folder.
pub(crate) const DATABASE_FILE: &str = "bedrail.sqlite";

impl Context {
    /// How old and whole the vulnerability data is, as of now: what every page shows beside its answer.
    pub fn data_status(&self) -> DataStatus {
        self.inner.judge.status(self.clock.now())
    }

    /// Opens the database (migrating it), the vulnerability data and the documents, and finishes a re-judgement that
    /// was cut off.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the folder or the database cannot be used.
    pub async fn open(settings: Settings) -> Result<Context, Error> {
        let dir = settings.data_dir.clone();
        make_folder(&dir).map_err(|error| Error::Unavailable {
            message: format!("the data folder cannot be used: {error}"),
            hint: Some("name another one with `--data DIR` or BEDRAIL_DATA".into()),
        })?;
        let address = match settings.database {
            Some(url) => Address::Postgres(url),
            None => Address::File(dir.join(DATABASE_FILE)),
        };
        let store = Store::open(&address).await.map_err(|error| unavailable(&error))?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let inner = Inner {
            store,
            judge: Judge::open(&dir, settings.max_data_age_days)?,
            fleets: Fleets::default(),
            shelves: Shelves::default(),
            judgements: Judgements::default(),
            books: Books::default(),
            orders: Kept::default(),
            addresses: alerts::Book::default(),
            urgencies: alerts::Remembered::default(),
            proofs: alerts::Remembered::default(),
            unknowns: Kept::default(),
            packs: Kept::default(),
            passwords: Arc::new(Semaphore::new(cores)),
            tries: Tries::default(),
            providers: Providers::default(),
            secrets: Secrets::new(&dir, settings.key_file),
            parser: settings.parser,
        };
        let ctx = Context { clock: settings.clock, data_dir: dir, inner: Arc::new(inner) };
        rematch::finish(&ctx).await?;
        Ok(ctx)
    }

    /// Loads the summaries of all fleets and works out what comes first and what is not known, so that the first who asks after a start
    /// need not wait for all of it. A server does this beside its first requests; whoever comes before its end waits for the rest of it.
    ///
    /// # Errors
    /// [`Error::Internal`] when the database cannot be used; whoever asks finds out then.
    pub async fn warm_up(&self) -> Result<(), Error> {
        let organisations = bedrail_store::organisations::all(&self.inner.store).await?;
        for org in &organisations {
            self.fleet(&Actor::system(*org), Right::SeeFleet).await?;
        }
        // What is worked out from the fleets comes behind all of them: nobody waits for another's.
        for org in organisations {
            let (fleet, view) = self.fleet(&Actor::system(org), Right::SeeFleet).await?;
            // The pack on a view of its own, so that neither waits for the other's questions.
            let apart = self.view(&Actor::system(org), Right::SeeFleet).await?;
            let order = kept::get::<Order>(self, &fleet, &view);
            let (order, packed) = tokio::join!(order, kept::get::<Packed>(self, &fleet, &apart));
            order?;
            packed?;
            kept::get::<Gathered>(self, &fleet, &view).await?;
        }
        Ok(())
    }

    /// The one door for a change: the right that it takes, then a transaction of the actor's organisation that stays
    /// only with its audit entry.
    pub(crate) async fn change(
        &self,
        actor: &Actor,
        right: Right,
        action: &'static str,
    ) -> Result<Change, Error> {
        actor.need(right)?;
        Ok(self.inner.store.change(actor.org, self.stamp(actor, action)).await?)
    }

    /// The one door for a read that is written down: it leaves its audit entry and nothing else.
    pub(crate) async fn mention(
        &self,
        actor: &Actor,
        right: Right,
        action: &'static str,
    ) -> Result<Change, Error> {
        actor.need(right)?;
        Ok(self.inner.store.mention(actor.org, self.stamp(actor, action)).await?)
    }

    fn stamp(&self, actor: &Actor, action: &'static str) -> Stamp {
        let address = actor.address.map(|address| address.to_string());
        let (at, via, account) = (self.clock.now(), actor.via.words(), actor.account);
        let (name, key) = (actor.name.clone(), actor.key.clone());
        Stamp { at, actor: name, via, account, address, action, key }
    }

    /// A look at the actor's organisation, for who has the right to it.
    pub(crate) async fn view(&self, actor: &Actor, right: Right) -> Result<View, Error> {
        actor.need(right)?;
        Ok(self.inner.store.view(actor.org).await?)
    }

    /// A look at the actor's organisation together with the summary of its fleet at that moment.
    pub(crate) async fn fleet(&self, actor: &Actor, right: Right) -> Result<(Arc<Fleet>, View), Error> {
        let view = self.view(actor, right).await?;
        let fleet = self.inner.fleets.get(&self.inner.store, &view).await?;
        Ok((fleet, view))
    }

    /// The right to judge software and let findings follow, held between all processes on this database. Whoever has
    /// it judges by the data that the judgements in the database stand on.
    pub(crate) async fn matching(&self) -> Result<Held, Error> {
        let held = self.inner.store.lock(Lock::Matching).await?;
        rematch::catch_up(self).await?;
        Ok(held)
    }

    /// The right to judge everything again, held between all processes on this database; what is judged and written in it
    /// holds [`Context::matching`] step by step. Whoever takes both takes this one first.
    pub(crate) async fn rejudging(&self) -> Result<Held, Error> {
        Ok(self.inner.store.lock(Lock::Rejudging).await?)
    }

    /// The right to follow written rules on statements, held between all processes on this database.
    pub(crate) async fn ruling(&self) -> Result<Held, Error> {
        Ok(self.inner.store.lock(Lock::Ruling).await?)
    }

    /// The weakness that any id of its alias group names, as far as the database or the data knows it.
    pub(crate) async fn weakness(&self, view: &View, id: &str) -> Result<Option<Weakness>, Error> {
        let known = weaknesses::by_alias(view, id).await?;
        Ok(known.or_else(|| self.inner.judge.weakness(id)))
    }

    /// Statements run on the database so far, for tests that count the queries of a page.
    pub fn statements(&self) -> u64 {
        self.inner.store.statements()
    }

    /// Whether PostgreSQL would hold one organisation's rows back from another if a query of ours forgot to; none for an
    /// embedded database. What is wrong goes to the log as well.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn second_lock(&self) -> Result<Option<bool>, Error> {
        let Some(guards) = self.inner.store.guards().await? else { return Ok(None) };
        if guards.role_passes {
            tracing::error!(
                "the database role is a superuser or has BYPASSRLS, so row-level security protects nothing; hint: \
                 ALTER ROLE … NOSUPERUSER NOBYPASSRLS, or connect as a role of its own"
            );
        }
        if !guards.unguarded.is_empty() {
            tracing::error!(tables = guards.unguarded.join(", "), "row-level security is not in force");
        }
        Ok(Some(!guards.role_passes && guards.unguarded.is_empty()))
    }

    /// Closes the database, folding its log back into it.
    ///
    /// # Errors
    /// [`Error::Internal`] when the last writes cannot be folded back; they are safe in the log.
    pub async fn close(&self) -> Result<(), Error> {
        Ok(self.inner.store.close().await?)
    }
}

/// Makes the data folder where it is missing, for its owner only.
pub(crate) fn make_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

pub(crate) fn unavailable(error: &bedrail_store::Error) -> Error {
    let message = match error {
        bedrail_store::Error::HalfMoved => {
            let message = "the database is the target of a move that has not ended".to_owned();
            return Error::Unavailable {
                message,
                hint: Some("run `bedrail db move` again; it starts over".into()),
            };
        }
        bedrail_store::Error::InUse => {
            let message = "the database is being moved".to_owned();
            return Error::Unavailable {
                message,
                hint: Some("wait until `bedrail db move` has ended".into()),
            };
        }
        bedrail_store::Error::NewerSchema { .. } => {
            "the database was written by a newer version of Bedrail".to_owned()
        }
        _ => "the database cannot be opened".to_owned(),
    };
    tracing::error!(error = error as &dyn std::error::Error, "the database cannot be opened");
    Error::Unavailable {
        message,
        hint: Some("check the data folder, its free space, and `--database`".into()),
    }
}
