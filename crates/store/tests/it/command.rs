//! Commands.

use std::collections::HashSet;

use mc_domain::{
    action::{AgentRestart, CommandList},
    agent::Agent,
    command::{Command, CommandAction, CommandState},
    id::{AgentId, CommandId, RequestId, UserId},
    permit::Everything,
};
use mc_store::{CommandCounts, StoreError};

use crate::support::{TestStore, agent, at, entry, permit, stored_agent};

on_both_engines!(kept, progress_and_end, late_result, lists, counts, one_end_of_many);

fn command(agent: &Agent, second: i64) -> Command {
    Command {
        id: CommandId::new(),
        agent_id: agent.id,
        agent_name: agent.name.to_string(),
        action: CommandAction::Restart,
        reason: "it hangs".to_owned(),
        user_id: Some(UserId::new()),
        actor_name: "alice".to_owned(),
        request_id: RequestId::new(),
        state: CommandState::Sent,
        progress: String::new(),
        result: String::new(),
        created_at: at(second),
        finished_at: None,
        deadline: at(second + 60),
    }
}

async fn sent(store: &TestStore, agent: &Agent, second: i64) -> Command {
    let command = command(agent, second);
    store.command_insert(&permit::<_, AgentRestart>(agent.clone()), &command, &entry("agent_restart")).await.unwrap();
    command
}

async fn kept(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let restart = sent(store, &web, 0).await;
    assert_eq!(store.command_by_id(restart.id).await, Ok(Some(restart)));
    assert_eq!(store.command_by_id(CommandId::new()).await, Ok(None));
    let stranger = agent("stranger");
    let proof = permit::<_, AgentRestart>(stranger.clone());
    let refused = store.command_insert(&proof, &command(&stranger, 0), &entry("agent_restart")).await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "agent_restart").count(), 1, "one transaction");
}

async fn progress_and_end(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let restart = sent(store, &web, 0).await;
    let running = Command { state: CommandState::Running, progress: "stopping".to_owned(), ..restart.clone() };
    let step = |id, text: &str| [(id, text.to_owned())];
    store.command_progress_many(&step(restart.id, "stopping")).await.unwrap();
    assert_eq!(store.command_by_id(restart.id).await, Ok(Some(running.clone())));
    let done = Command {
        state: CommandState::Done,
        progress: "starting".to_owned(),
        result: "ready".to_owned(),
        finished_at: Some(at(3)),
        ..running
    };
    let finished =
        store.command_finish(restart.id, CommandState::Done, "ready", Some("starting"), at(3), &[entry("agent_restart_done")]).await;
    assert_eq!(finished, Ok(Some(done.clone())));
    let again = store.command_finish(restart.id, CommandState::Failed, "no", None, at(4), &[entry("agent_restart_done")]).await;
    assert_eq!(again, Ok(None));
    let late = [step(restart.id, "late"), step(CommandId::new(), "late")].concat();
    store.command_progress_many(&late).await.unwrap();
    assert_eq!(store.command_by_id(restart.id).await, Ok(Some(done)));
    let open = store.command_finish(restart.id, CommandState::Running, "", None, at(4), &[entry("agent_restart_done")]).await;
    assert!(matches!(open, Err(StoreError::Conflict(_))));
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "agent_restart_done").count(), 1);
}

async fn late_result(store: &TestStore) {
    let web = stored_agent(store, "web-1").await;
    let restart = sent(store, &web, 0).await;
    let finish =
        |state, second| async move { store.command_finish(restart.id, state, "text", None, at(second), &[entry("end")]).await.unwrap() };
    assert!(finish(CommandState::TimedOut, 61).await.is_some());
    assert!(finish(CommandState::TimedOut, 62).await.is_none(), "it times out once");
    store.command_progress_many(&[(restart.id, "x".to_owned())]).await.unwrap();
    let late = finish(CommandState::Done, 90).await.unwrap();
    assert_eq!((late.state, late.finished_at), (CommandState::Done, Some(at(90))));
    assert!(finish(CommandState::TimedOut, 91).await.is_none());
}

async fn lists(store: &TestStore) {
    let (web, api) = (stored_agent(store, "web").await, stored_agent(store, "api").await);
    let mut commands = Vec::new();
    for second in 0..3 {
        commands.push(sent(store, &web, second).await);
    }
    let other = sent(store, &api, 3).await;
    store.command_finish(commands[1].id, CommandState::Cancelled, "", None, at(9), &[entry("end")]).await.unwrap();
    let list = |agent, open, limit, before| async move {
        let (page, total) = store.command_list(&permit::<_, CommandList>(Everything), None, agent, open, limit, before).await.unwrap();
        (page.into_iter().map(|command| command.id).collect::<Vec<_>>(), total)
    };
    let ids: Vec<_> = commands.iter().map(|command| command.id).collect();
    assert_eq!(list(None, false, 2, None).await, (vec![other.id, ids[2]], 4));
    assert_eq!(list(None, false, 2, Some(ids[2])).await, (vec![ids[1], ids[0]], 4));
    assert_eq!(list(Some(web.id), false, 9, None).await, (vec![ids[2], ids[1], ids[0]], 3));
    assert_eq!(list(Some(web.id), true, 9, None).await, (vec![ids[2], ids[0]], 2));
    let among = async |agents: &[AgentId], agent| {
        let only = agents.iter().copied().collect();
        let found = store.command_list(&permit::<_, CommandList>(Everything), Some(&only), agent, false, 2, None).await.unwrap();
        (found.0.into_iter().map(|command| command.id).collect::<Vec<_>>(), found.1)
    };
    assert_eq!(among(&[api.id], None).await, (vec![other.id], 1), "what may not be seen is not counted either");
    assert_eq!(among(&[api.id, web.id], None).await, (vec![other.id, ids[2]], 4));
    assert_eq!(among(&[api.id], Some(web.id)).await, (vec![], 0));
    assert_eq!(among(&[], None).await, (vec![], 0));
    let open = store.command_open().await.unwrap();
    assert_eq!(open.into_iter().map(|command| command.id).collect::<Vec<_>>(), [ids[0], ids[2], other.id]);
}

async fn counts(store: &TestStore) {
    let web = stored_agent(store, "web").await;
    let states = [CommandState::Done, CommandState::Failed, CommandState::TimedOut, CommandState::Cancelled];
    for state in states {
        let command = sent(store, &web, 10).await;
        store.command_finish(command.id, state, "", None, at(11), &[entry("end")]).await.unwrap();
    }
    sent(store, &web, 10).await;
    sent(store, &web, 5).await;
    assert_eq!(store.command_counts(None, at(10)).await, Ok(CommandCounts { total: 5, failed: 2, running: 1 }));
    assert_eq!(store.command_counts(None, at(11)).await, Ok(CommandCounts::default()));
    let (mine, others) = (HashSet::from([web.id]), HashSet::from([AgentId::new()]));
    assert_eq!(store.command_counts(Some(&mine), at(10)).await.unwrap().total, 5);
    assert_eq!(store.command_counts(Some(&others), at(10)).await, Ok(CommandCounts::default()));
}

async fn one_end_of_many(store: &TestStore) {
    let web = stored_agent(store, "web").await;
    let restart = sent(store, &web, 0).await;
    let ends = (0..16).map(|_| {
        let store = store.store.clone();
        tokio::spawn(async move { store.command_finish(restart.id, CommandState::Done, "", None, at(1), &[entry("end")]).await.unwrap() })
    });
    let ended = futures::future::join_all(ends).await.into_iter().filter(|end| matches!(end, Ok(Some(_)))).count();
    assert_eq!(ended, 1);
    assert_eq!(store.audit_actions().await.iter().filter(|action| *action == "end").count(), 1);
}
