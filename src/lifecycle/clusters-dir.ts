/** Where a project's clusters keep their state: in the project, even where it shares a cache folder with others. */
import { join } from 'node:path'

export const clustersDirOf = (projectDir: string): string => join(projectDir, 'cache', 'clusters')
