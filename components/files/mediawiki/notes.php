<?php
// What the migration notes in the database.
declare( strict_types=1 );

/** What the migration remembers, in a table of its own in the wiki's database: a restored dump brings it along. */
class Notes {
	public function __construct( private readonly mysqli $database ) {
	}

	public function make(): void {
		$this->database->query( 'CREATE TABLE IF NOT EXISTS ' . NOTES
			. ' (name VARBINARY(255) PRIMARY KEY, value BLOB NOT NULL, at TIMESTAMP NOT NULL) ENGINE=InnoDB' );
	}

	public function get( string $name ): ?string {
		return query( $this->database, 'SELECT value FROM ' . NOTES . ' WHERE name = ?', [ $name ] )->fetch_column() ?: null;
	}

	public function set( string $name, string $value ): void {
		query( $this->database, 'REPLACE INTO ' . NOTES . ' (name, value, at) VALUES (?, ?, NOW())', [ $name, $value ] );
	}
}

/** Lets Pods of these settings and this image start, and tells them what to preload and what namespaces are called. */
function openGate( Notes $notes, Wiki $wiki, Namespaces $names ): void {
	$notes->set( "preload:{$wiki->gate}", Preloading::note() );
	$names->note( $wiki->gate );
	$notes->set( "gate:{$wiki->gate}", $wiki->version );
}
