import type { ChildProcess } from 'node:child_process';

interface Connection {
  close(): void;
}

/**
 * Connections on their way from the primary to one of its processes: one at most for each port. node:cluster keeps a
 * connection until the process has taken it. It forgets one whose process dies first, and one that comes back refused
 * after the last process has shut its door: their clients would wait for ever.
 */
export class HandedOver {
  /** By the port's key. */
  private readonly last = new Map<unknown, Connection>();

  constructor(process: ChildProcess) {
    // Without a descriptor to spare there is neither a process nor a channel to it; `error` tells.
    if (typeof process.send !== 'function') return;
    const send = process.send.bind(process) as (...message: readonly unknown[]) => boolean;
    process.send = (...message: readonly unknown[]) => {
      const [head, connection] = message;
      if (isConnection(connection)) this.last.set((head as { key?: unknown }).key, connection);
      return send(...message);
    };
  }

  /** Does no harm to what has been taken since: the process has a descriptor of its own by then. */
  close(): void {
    for (const connection of this.last.values()) connection.close();
    this.last.clear();
  }
}

function isConnection(handle: unknown): handle is Connection {
  return typeof (handle as Partial<Connection> | undefined)?.close === 'function';
}
