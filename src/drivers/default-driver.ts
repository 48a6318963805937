/** The driver of those who name none. By itself, as settings are read far more often than clusters are made. */
export const defaultDriver = 'netns'
