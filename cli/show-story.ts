import pc from 'picocolors';
import { visibleText } from '../domain/visible-text';
import { type Story } from '../evidence/story';
import { storyChapters } from './story-chapters';

/** The story for a terminal. What agents and people wrote is shown with its invisible characters. */
export function showStory(story: Story): string {
  return storyChapters(story)
    .map(({ title, lines }) => {
      const width = Math.max(...lines.map(([name]) => name.length));
      return [
        pc.bold(visibleText(title)),
        ...lines.map(
          ([name, text]) => `  ${pc.dim(visibleText(name.padEnd(Math.min(width, 14))))}  ${visibleText(text)}`,
        ),
      ].join('\n');
    })
    .join('\n\n');
}
