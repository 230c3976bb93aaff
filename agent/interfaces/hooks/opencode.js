// Tells closer of OpenCode's sessions. Written by `closer install opencode`, taken away by `closer uninstall opencode`.
//
// What was said is kept as it comes, laid out as OpenCode's own storage was, and nothing of it waits for anything: at a
// session's end OpenCode may be gone before a promise is kept. closer takes it away once the session is in the vault; a
// session that goes on after that is kept anew, as a whole.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const COMMAND = ["closer"]
const KEPT = "."
const ASKED = ["session.created", "session.idle", "session.compacted", "session.deleted"]
const SAFE = /^[A-Za-z0-9_-]{1,200}$/
const PATIENCE = 1000

const put = (record, session, ...names) => {
  if (![session, ...names, record.id].every((name) => SAFE.test(name ?? ""))) return
  const folder = join(KEPT, session, ...names)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const beside = join(folder, `.${record.id}.${process.pid}`)
  writeFileSync(beside, JSON.stringify(record), { mode: 0o600 })
  renameSync(beside, join(folder, `${record.id}.json`))
}

const keepSession = (info) => put(info, info.id, "session", "kept")
const keepMessage = (info) => put(info, info.sessionID, "message", info.sessionID)
const keepPart = (part) => {
  const unfinished = (part.time?.start && !part.time.end) || ["pending", "running"].includes(part.state?.status)
  if (part.type !== "reasoning" && !unfinished) put(part, part.sessionID, "part", part.messageID)
}

const tell = (event, session, cwd) => {
  const [program, ...rest] = COMMAND.map((word) => (word === "{}" ? event : word))
  const input = JSON.stringify({ session_id: session, transcript_path: join(KEPT, session), cwd })
  const { error } = spawnSync(program, rest, { input, stdio: ["pipe", "ignore", "ignore"], timeout: PATIENCE })
  if (error) throw error
}

export const CloserPlugin = async ({ client, directory }) => {
  const known = new Set() // sessions that were heard from their first word on
  const helpers = new Set()
  const whole = new Map() // of each session, the messages that can't change any more

  const catchUp = async (id) => {
    const session = (await client.session.get({ path: { id } })).data
    if (!session || session.parentID) return void helpers.add(id)
    const messages = (await client.session.messages({ path: { id } })).data ?? []
    const done = whole.get(id) ?? new Set()
    for (const { info, parts } of messages.filter(({ info }) => !done.has(info.id))) {
      parts.forEach(keepPart)
      keepMessage(info)
      done.add(info.id)
    }
    done.delete(messages.at(-1)?.info.id)
    whole.set(id, done)
    keepSession(session)
    known.add(id)
  }

  const hear = async (type, { info, part, sessionID }) => {
    const id = part?.sessionID ?? info?.sessionID ?? sessionID ?? info?.id
    if (type.startsWith("session.") && info?.parentID) helpers.add(id)
    if (helpers.has(id) || !SAFE.test(id ?? "")) return
    if (known.has(id) && !existsSync(join(KEPT, id))) {
      known.delete(id)
      whole.delete(id)
    }
    if (type === "session.created") known.add(id)
    if (type === "session.created" || type === "session.updated") keepSession(info)
    if (type === "message.updated") keepMessage(info)
    if (type === "message.part.updated") keepPart(part)
    if (!ASKED.includes(type)) return
    if (!known.has(id) && type !== "session.deleted") await catchUp(id)
    if (!helpers.has(id)) tell(type, id, info?.directory ?? directory)
    if (type === "session.idle") await catchUp(id)
  }

  return {
    event: async ({ event }) => {
      try {
        await hear(event.type, event.properties ?? {})
      } catch (error) {
        await client.app?.log({ body: { service: "closer", level: "warn", message: String(error) } })
      }
    },
  }
}
