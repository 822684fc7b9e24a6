import { z } from 'zod';

/**
 * WeChat's own parameters, as it spells them. Tolerant on purpose: WeChat adds parameters (`openid`, `encrypt_type`)
 * when it likes, so what is not named here is dropped, not refused. Nothing is required, because a missing signature
 * has to be refused as one (401), after an unconfigured shop has said so (404).
 */
export const pushQuery = z.object({
  signature: z.string().max(64).optional(),
  timestamp: z.string().max(16).optional(),
  nonce: z.string().max(64).optional(),
  echostr: z.string().max(256).optional(),
  msg_signature: z.string().max(64).optional(),
});
