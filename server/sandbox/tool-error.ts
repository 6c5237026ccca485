/** A failure as the program and its reader see it. `code` is stable snake_case; `details` is JSON. */
export interface ToolErrorShape {
  code: string
  message: string
  /** HTTP status of the upstream's answer, when there was one. */
  status?: number
  details?: unknown
  /** True when the same may succeed later without a change. */
  retryable?: boolean
}

/** Why a run failed, and where in the agent's own text. */
export interface ProgramError extends ToolErrorShape {
  /** 1-based, in the code as it was handed in. */
  line?: number
  column?: number
  /** A few lines of the code with the place marked. */
  frame?: string
}
