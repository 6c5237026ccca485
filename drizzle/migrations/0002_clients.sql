CREATE TABLE `clients` (
	`principal` text NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`protocol` text NOT NULL,
	`user_agent` text NOT NULL,
	`first_seen_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL,
	PRIMARY KEY(`principal`, `name`)
);
