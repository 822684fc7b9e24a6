import { z } from 'zod';

export const mediaView = z.object({
  path: z.string().describe('for `imagePath` and `imagePaths`'),
  url: z.url(),
});
export type MediaView = z.output<typeof mediaView>;
