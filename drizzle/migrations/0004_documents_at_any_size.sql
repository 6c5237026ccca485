CREATE TABLE `retired_tools` (
	`integration_id` text NOT NULL,
	`name` text NOT NULL,
	`operation` text NOT NULL,
	`retired_at` integer NOT NULL,
	PRIMARY KEY(`integration_id`, `name`)
);
--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_documents` (
	`import_id` text NOT NULL,
	`file` integer NOT NULL,
	`part` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`import_id`, `file`, `part`)
);
--> statement-breakpoint
-- Documents stored before are one gzip stream each, which cannot be read by position: they come again with the next refresh.
DROP TABLE `documents`;--> statement-breakpoint
ALTER TABLE `__new_documents` RENAME TO `documents`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE TABLE `__new_imports` (
	`id` text PRIMARY KEY NOT NULL,
	`integration_id` text NOT NULL,
	`revision` integer NOT NULL,
	`state` text NOT NULL,
	`origin` text NOT NULL,
	`files` text DEFAULT '[]' NOT NULL,
	`validators` text,
	`preview` text,
	`done` integer DEFAULT 0 NOT NULL,
	`tool_count` integer DEFAULT 0 NOT NULL,
	`skipped` text DEFAULT '[]' NOT NULL,
	`skipped_count` integer DEFAULT 0 NOT NULL,
	`changes` text,
	`error` text,
	`attempt` integer DEFAULT 0 NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
INSERT INTO `__new_imports`("id", "integration_id", "revision", "state", "origin", "done", "tool_count", "skipped", "skipped_count", "error", "created_by", "created_at", "updated_at")
SELECT "id", "integration_id", coalesce((SELECT "revision" FROM `integrations` WHERE "import_id" = `imports`."id"), 0), "state", "origin", "done", "tool_count", "skipped", json_array_length("skipped"), "error", "created_by", "created_at", "updated_at"
FROM `imports` WHERE "state" = 'done' AND "integration_id" IS NOT NULL;--> statement-breakpoint
DELETE FROM `integrations` WHERE "revision" = 0;--> statement-breakpoint
DELETE FROM `connections` WHERE "integration_id" NOT IN (SELECT "id" FROM `integrations`);--> statement-breakpoint
DROP TABLE `imports`;--> statement-breakpoint
ALTER TABLE `__new_imports` RENAME TO `imports`;--> statement-breakpoint
CREATE INDEX `imports_by_integration` ON `imports` (`integration_id`);--> statement-breakpoint
ALTER TABLE `integrations` ADD `origins` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
UPDATE `integrations` SET "origins" = json_array(rtrim(substr("base_url", 1, instr(substr("base_url", 9) || '/', '/') + 7), '/'));--> statement-breakpoint
ALTER TABLE `integrations` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `check_error` text;--> statement-breakpoint
ALTER TABLE `integrations` ADD `validators` text;--> statement-breakpoint
ALTER TABLE `schemas` ADD `place` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `tools` ADD `origin` text;--> statement-breakpoint
ALTER TABLE `tools` ADD `is_chosen` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `tools` DROP COLUMN `schema_names`;