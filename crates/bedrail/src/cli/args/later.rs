//! A command whose arguments are made only when it is the one that was typed, or its help is asked for.

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, Error, FromArgMatches, Id};

/// There are more than a thousand arguments in all: making them took longer than many a command.
#[derive(Debug)]
pub(crate) struct Later<T>(pub(crate) T);

impl<T: Args> Args for Later<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(|command| made(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| made(command, T::augment_args_for_update))
    }
}

/// The command with its own arguments in front of those of all commands, which it has by now; what it is about was said where it is listed.
fn made(command: Command, own: fn(Command) -> Command) -> Command {
    let about = command.get_about().cloned();
    let long = command.get_long_about().cloned();
    let of_all: Vec<Id> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    // Looking at an argument puts it behind all others.
    let behind = |command: Command, id: Id| command.mut_arg(id, |argument| argument);
    let command = of_all.into_iter().fold(own(command), behind);
    command.about(Resettable::from(about)).long_about(Resettable::from(long))
}

impl<T: FromArgMatches> FromArgMatches for Later<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Later<T>, Error> {
        T::from_arg_matches(matches).map(Later)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Later<T>, Error> {
        T::from_arg_matches_mut(matches).map(Later)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}
