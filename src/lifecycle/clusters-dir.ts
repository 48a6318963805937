/** Where a project's clusters keep their state: in the project, whatever cache folder it shares with others. */
import { join } from 'node:path'

export const clustersDirOf = (projectDir: string): string => join(projectDir, 'cache', 'clusters')
