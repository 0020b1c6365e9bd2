<?php
namespace Pantry;

class SchemaHooks {
	public function onLoadExtensionSchemaUpdates( $updater ) {
		$updater->addExtensionTable( 'pantry_jar', dirname( __DIR__ ) . '/sql/pantry.sql' );
	}
}
