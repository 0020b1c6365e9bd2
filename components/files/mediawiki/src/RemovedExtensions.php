<?php
declare( strict_types=1 );

/** What extensions leave in the database when they are removed. MediaWiki deletes neither their tables nor pages in their namespaces. */
class RemovedExtensions {
	private const NOTE = 'tables';

	/** Reports what the extensions that the wiki had before have left, and notes the tables of those that it has now. */
	public static function report( Notes $notes, Wiki $wiki, mysqli $database ): void {
		$before = json_decode( $notes->get( self::NOTE ) ?? '[]', true );
		$now = array_combine( $wiki->extensions, array_map( $wiki->tablesOf( ... ), $wiki->extensions ) );
		$there = Schema::baseTables( $database );
		$text = '';
		foreach ( array_diff_key( $before, $now ) as $extension => $tables ) {
			$left = array_diff( array_intersect( $tables, $there ), array_merge( ...array_values( $now ) ) );
			$text .= "$extension was removed. " . ( $left ? 'Its tables remain: ' . implode( ', ', $left ) . '. ' : '' );
		}
		if ( $text !== '' ) {
			$text .= self::pages( Namespaces::noted( $notes ), $wiki->facts()['names'], $database );
			Console::say( trim( $text ) );
			Console::keepMessage( 'remains: ' . trim( $text ) );
		}
		$notes->set( self::NOTE, json_encode( $now, JSON_FORCE_OBJECT | JSON_THROW_ON_ERROR ) );
	}

	/**
	 * Returns which pages are in namespaces that MediaWiki does not know any more.
	 *
	 * @param array<string, int> $known namespaces by all names that they have had
	 * @param array<string, int> $names those that MediaWiki knows
	 */
	private static function pages( array $known, array $names, mysqli $database ): string {
		$ids = implode( ', ', array_map( 'intval', [ 0, ...array_values( $names ) ] ) );
		$found = $database->query( "SELECT page_namespace, COUNT(*) FROM page WHERE page_namespace NOT IN ($ids) GROUP BY page_namespace" );
		$pages = [];
		foreach ( $found->fetch_all() as [ $id, $count ] ) {
			$name = array_search( (int)$id, $known, true );
			$pages[] = "$count in namespace $id" . ( $name === false ? '' : " ($name)" );
		}
		return $pages ? 'Pages that cannot be reached remain: ' . implode( ', ', $pages ) . '.' : '';
	}
}
