import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Transactor } from '../../../platform/database/transactor.js';
import { HttpConfig } from '../../../platform/http/http.config.js';
import { MediaNotConfigured, MediaUnavailable, NotAPicture } from '../admin.errors.js';
import { Audit } from '../audit/audit.js';
import type { Actor } from '../session/actor.js';
import type { MediaView } from './media.schema.js';
import { pictureTypeOf } from './picture-type.js';

/**
 * Pictures below `http.mediaRoot`, which all processes share. A file is named by its content, so that one that is sent
 * twice is one, and none ever changes under its name.
 */
@Injectable()
export class MediaService {
  constructor(
    private readonly transactor: Transactor,
    private readonly audit: Audit,
    private readonly config: HttpConfig,
  ) {}

  /** @throws NotAPicture, MediaNotConfigured, MediaUnavailable */
  async store(actor: Actor, bytes: Buffer): Promise<MediaView> {
    const { mediaRoot, publicBaseUrl } = this.config;
    const type = pictureTypeOf(bytes);
    if (type === null) throw new NotAPicture();
    if (mediaRoot === undefined) throw new MediaNotConfigured();
    const hash = createHash('sha256').update(bytes).digest('hex');
    const name = `uploads/${hash.slice(0, 2)}/${hash}.${type}`;
    // First the file: one that nobody knows of does no harm, a path without its file does.
    await write(join(mediaRoot, name), bytes);
    const path = `/media/${name}`;
    await this.transactor.run(() =>
      this.audit.record(actor, { action: 'media.store', target: path, after: { bytes: bytes.length } }),
    );
    return { path, url: publicBaseUrl + path };
  }
}

/** Whole or not at all: the file is served from the moment it has its name. */
async function write(file: string, bytes: Buffer): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(draft, bytes, { flush: true });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new MediaUnavailable(cause);
  }
}
