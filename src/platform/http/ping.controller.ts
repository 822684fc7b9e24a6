import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { Probe } from './public.decorator.js';
import { Returns } from './returns.decorator.js';

const pong = z.object({ message: z.literal('pong') });

@Controller('ping')
export class PingController {
  @Get()
  @Probe()
  @Returns(200, pong, 'the process answers')
  ping(): z.output<typeof pong> {
    return { message: 'pong' };
  }
}
